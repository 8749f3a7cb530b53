import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The `pcluster` command line, a process for every question: for installations whose library cannot be kept loaded.
public struct PclusterCommandLine: PclusterDoor {
    let program: String
    let environment: [String: String]
    let commands: any CommandDoor

    public init(program: String, environment: [String: String], commands: any CommandDoor) {
        self.program = program
        self.environment = environment
        self.commands = commands
    }

    public func ask(_ question: PclusterQuestion) async throws(PclusterProblem) -> Data {
        var arguments = [question.command.rawValue]
        for (name, value) in question.parameters { arguments += ["--\(name)", value] }
        if question.command != .version { arguments += ["--region", question.region] }
        let result: CommandResult
        do throws(CommandProblem) {
            // A process needs a second to load what the library keeps loaded.
            result = try await commands.run(
                Command(program, arguments, environment: environment), deadline: question.deadline,
                limit: WorkerFrames.largest)
        } catch {
            switch error {
            case .missing: throw .missing(WarmInterpreter.sentence(error, program: program))
            case .timedOut(let seconds): throw .timedOut(seconds)
            case .tooLarge(let bytes): throw .tooLarge(bytes)
            case .failed(let reason): throw .died(reason)
            }
        }
        guard result.status != 0 else { return result.output }
        throw .refused(message: Self.message(of: result))
    }

    /// Errors are JSON on the standard output; usage errors and bad names are plain text, there or on the error output.
    static func message(of result: CommandResult) -> String {
        struct Refusal: Decodable { var message: String }
        if let refusal = try? JSONDecoder().decode(Refusal.self, from: result.output) {
            return SafeText.line(refusal.message)
        }
        let lines = (String(decoding: result.output.prefix(4096), as: UTF8.self) + "\n" + result.errors)
            .split(separator: "\n")
        // What went wrong stands at the end, behind the usage or a stack trace.
        let last = lines.last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
        return SafeText.line(last ?? "it ended with status \(result.status) and said nothing", limit: 200)
    }
}
