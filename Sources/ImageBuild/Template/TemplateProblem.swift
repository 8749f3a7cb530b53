import Fleet

/// One thing that is wrong in a template: where it is, what is expected there, and how to put it right.
public struct TemplateProblem: Sendable, Equatable {
    /// The line, 1 first.
    public var line: Int
    /// The column in Unicode scalars, 1 first.
    public var column: Int
    /// What it is about, `compute.queues[1].min_count` with list places from 0; empty for the file as a whole.
    public var path: String
    /// What is wrong: one line without control characters.
    public var text: String
    /// What to do about it: one line, may be empty.
    public var fix: String

    /// A problem; texts are made harmless here, since they quote the file.
    public init(line: Int, column: Int, path: String, text: String, fix: String) {
        self.line = line
        self.column = column
        self.path = SafeText.line(path, limit: 120)
        self.text = SafeText.line(text)
        self.fix = SafeText.line(fix)
    }
}

/// All that is wrong with a template, at once, in the order of the file.
public struct TemplateProblems: Error, Sendable, Equatable, CustomStringConvertible {
    /// More than these are counted, not listed: a file of a wrong kind would fill the screen.
    public static let most = 200

    /// What the template was called when it was read.
    public let name: String
    /// The first `most` of them, sorted by line and column.
    public let problems: [TemplateProblem]
    /// How many there are, listed or not.
    public let count: Int

    init(name: String, _ problems: [TemplateProblem]) {
        self.name = name
        count = problems.count
        let sorted = problems.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
        }
        self.problems = sorted.prefix(Self.most).map(\.element)
    }

    /// The report under the name that the template was read by.
    public var description: String { report(file: name) }

    /// The problems as text for people and for editors that jump to `file:line:column:`.
    ///
    /// - Parameter file: the path as the person wrote it.
    /// - Returns: the count first, then every problem with its fix below it; wrapped at 80 columns, no line break at the end.
    public func report(file: String) -> String {
        let file = SafeText.line(file, limit: 1000)
        var lines = [Self.title(count, file: file, listed: problems.count)]
        for problem in problems {
            let subject = problem.path.isEmpty ? "" : problem.path + ": "
            lines += Self.wrapped(
                "\(file):\(problem.line):\(problem.column): \(subject)\(problem.text)", first: "", rest: "    ")
            if !problem.fix.isEmpty { lines += Self.wrapped(problem.fix, first: "  fix: ", rest: "       ") }
        }
        return lines.joined(separator: "\n")
    }

    private static func title(_ count: Int, file: String, listed: Int) -> String {
        let title = "\(count) problem\(count == 1 ? "" : "s") in \(file)"
        return listed < count ? "\(title), the first \(listed) of them:" : title + ":"
    }

    /// Breaks at blanks; a word that is longer than a line stays whole, for a path in pieces cannot be clicked.
    private static func wrapped(_ text: String, first: String, rest: String) -> [String] {
        var lines: [String] = []
        var line = first
        var width = first.count
        var isEmpty = true
        for word in text.split(separator: " ") {
            let length = word.count
            if !isEmpty, width + 1 + length > 80 {
                lines.append(line)
                (line, width, isEmpty) = (rest, rest.count, true)
            }
            line += isEmpty ? word : " " + word
            width += length + (isEmpty ? 0 : 1)
            isEmpty = false
        }
        return lines + [line]
    }
}
