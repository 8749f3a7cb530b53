/// Keeps one copy of texts that thousands of nodes say alike: phase words, status words, messages.
struct TextPool {
    /// More different texts than this are no longer alike; the pool begins anew.
    private static let capacity = 4096
    private var texts: Set<String> = []

    /// The same text, sharing its storage with the first one like it.
    mutating func shared(_ text: String) -> String {
        if texts.count == Self.capacity { texts = [] }
        return texts.insert(text).memberAfterInsert
    }
}
