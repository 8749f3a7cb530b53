/// What to do next, as a register writes it: a sentence, or a whole command.
struct DiagnosisStep: Sendable, Equatable, Decodable {
    /// A sentence; nil for a command.
    var say: String?
    /// A command line with `{placeholders}`.
    var run: String?
    /// What the command changes outside; it is told behind the command, as a comment, so that it is copied with it.
    var changes: String?

    private enum Key: String, CodingKey { case run, changes }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            say = text
            return
        }
        let box = try decoder.container(keyedBy: Key.self)
        run = try box.decode(String.self, forKey: .run)
        changes = try box.decodeIfPresent(String.self, forKey: .changes)
    }

    /// - Returns: nil when something it names is not known, for half a command helps nobody.
    func text(_ values: DiagnosisValues) -> String? {
        if let say { return values.fill(say, as: .prose) }
        guard let run, let command = values.fill(run, as: .command) else { return nil }
        return changes.map { "\(command)  # \($0)" } ?? command
    }
}
