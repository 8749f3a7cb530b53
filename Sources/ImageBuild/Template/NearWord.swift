/// Finds what somebody may have meant.
enum NearWord {
    /// The word that differs by a slip of the fingers; nil if none is that near.
    static func meant(by word: String, in words: [String]) -> String? {
        guard let near = sorted(words, by: word).first else { return nil }
        return near.distance <= max(1, min(3, word.count / 2)) ? near.word : nil
    }

    /// The words, nearest first; equally near ones keep their order.
    static func nearest(to word: String, in words: [String], count: Int) -> [String] {
        sorted(words, by: word).prefix(count).map(\.word)
    }

    private static func sorted(_ words: [String], by word: String) -> [(word: String, distance: Int)] {
        // A text without end must not be compared letter by letter.
        let typed = Array(word.lowercased().prefix(60))
        let rated = words.map { (word: $0, distance: distance(typed, Array($0.lowercased()))) }
        return rated.enumerated()
            .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }.map(\.element)
    }

    /// Insertions, deletions, replacements, and neighbours that changed places, each as one slip.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var older: [Int] = []
        var old = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(old[j] + (a[i] == b[j] ? 0 : 1), old[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
                row.append(best)
            }
            (older, old) = (old, row)
        }
        return old[b.count]
    }
}
