import Foundation

/// A program of the end-to-end tests that plays a service: it says its port first, and then answers each command, a JSON object in a line,
/// with one.
final class Driver {
    let port: UInt16
    private let process = Process()
    private let commands = Pipe()
    private let answers = Pipe()

    /// - Parameter program: the interpreter and its arguments, the script among them.
    init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = commands
        process.standardOutput = answers
        process.standardError = FileHandle.nullDevice
        try process.run()
        struct Ready: Decodable { var port: UInt16 }
        guard let line = Self.line(answers.fileHandleForReading),
            let port = try? JSONDecoder().decode(Ready.self, from: line).port
        else { throw BenchProblem("\(arguments.last ?? program) did not start.") }
        self.port = port
    }

    deinit { end() }

    func end() {
        try? commands.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// - Returns: its answer.
    /// - Throws: BenchProblem when it refuses.
    @discardableResult
    func tell(_ command: String) throws -> Data {
        struct Answer: Decodable { var ok: Bool }
        try commands.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
        guard let line = Self.line(answers.fileHandleForReading),
            (try? JSONDecoder().decode(Answer.self, from: line).ok) == true
        else { throw BenchProblem("The driver refused \(command).") }
        return line
    }

    private static func line(_ file: FileHandle) -> Data? {
        var line = Data()
        while let byte = try? file.read(upToCount: 1), !byte.isEmpty {
            if byte[byte.startIndex] == 0x0A { return line }
            line.append(byte)
        }
        return nil
    }
}
