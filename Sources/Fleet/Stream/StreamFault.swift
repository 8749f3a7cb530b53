/// What is wrong with what came over a stream. None of them is worth a crash, each is worth a sentence.
public enum StreamFault: Error, Sendable, Hashable {
    /// A line is longer than `StreamLines.limit`.
    case tooLong
    case notJSON
    /// Objects and lists within each other beyond `JSONReader.depthLimit`.
    case tooDeep
    /// JSON, but no frame: the sort of frame, and what it lacks.
    case malformed(String)
    /// Frames are missing: the next was due with the first number, and came with the second.
    case gap(due: Int, came: Int)
    /// A change does not fit what it should change.
    case misfit(ItemID)
    /// Frames of another run of the server.
    case otherRun
    /// More items than a screen will ever show.
    case tooMuch

    /// For people.
    public var sentence: String {
        switch self {
        case .tooLong: "the other side sent a line of more than \(StreamLines.limit >> 20) MiB"
        case .notJSON: "the other side sent something that is not JSON"
        case .tooDeep: "the other side sent JSON that is nested too deeply"
        case .malformed(let what): "the other side sent a frame that cannot be read: \(what)"
        case .gap(let due, let came): "changes \(due) to \(came - 1) did not arrive"
        case .misfit(let id): "a change of \(id) does not fit what is known of it"
        case .otherRun: "the other side was started anew"
        case .tooMuch: "the other side sent more items than can be held"
        }
    }
}
