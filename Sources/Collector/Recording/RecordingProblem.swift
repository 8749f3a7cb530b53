/// What is wrong with a recording, or with the place where one is to be written.
public struct RecordingProblem: Error, Sendable, Equatable {
    /// One sentence of what is wrong.
    public let sentence: String
    /// One sentence of what to do.
    public let advice: String

    /// The file ends within its first line: nothing is lost when another is begun in its place.
    let isCut: Bool

    public init(_ sentence: String, advice: String) { self.init(sentence, advice: advice, isCut: false) }

    init(_ sentence: String, advice: String, isCut: Bool) {
        self.sentence = sentence
        self.advice = advice
        self.isCut = isCut
    }
}

extension RecordingProblem: CustomStringConvertible {
    public var description: String { "\(sentence) \(advice)" }
}
