import ArgumentParser

/// Ends a command with what failed, what to do, and an exit status.
struct CommandFailure: Error, CustomStringConvertible {
    let sentence: String
    let advice: String
    let status: ExitStatus

    init(_ sentence: String, advice: String, status: ExitStatus) {
        self.sentence = sentence
        self.advice = advice
        self.status = status
    }

    var description: String { "slipway: \(sentence)\n  \(advice)" }

    /// Tells it on standard error and gives the exit code to throw.
    func told() -> ExitCode {
        Output.error(description)
        return ExitCode(status.rawValue)
    }
}

/// Runs a command's body; a failure is told in its own words instead of the parser's.
func telling(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void) async throws {
    do { try await body() } catch let failure as CommandFailure { throw failure.told() }
}
