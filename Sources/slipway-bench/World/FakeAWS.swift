import Foundation

/// The fake AWS of the end-to-end tests, with the real `pcluster` beside it.
final class FakeAWS {
    /// What a program needs in order to find it; `pcluster` is first on its path.
    let environment: [String: String]
    /// The real program.
    let pcluster: String
    private let process = Process()
    private let commands = Pipe()
    private let answers = Pipe()

    /// - Returns: nil where the test's programs are not installed below the folder in which the bench was started.
    static func installed() throws -> FakeAWS? {
        let folder = FileManager.default.currentDirectoryPath
        let driver = folder + "/Tests/EndToEnd/AWS/aws_driver.py"
        let programs = folder + "/.venv/bin"
        guard FileManager.default.fileExists(atPath: driver),
            FileManager.default.isExecutableFile(atPath: programs + "/pcluster")
        else { return nil }
        return try FakeAWS(driver: driver, programs: programs)
    }

    private init(driver: String, programs: String) throws {
        pcluster = programs + "/pcluster"
        process.executableURL = URL(fileURLWithPath: programs + "/python")
        process.arguments = ["-B", driver]
        process.standardInput = commands
        process.standardOutput = answers
        process.standardError = FileHandle.nullDevice
        try process.run()
        struct Ready: Decodable { var port: Int }
        guard let line = Self.line(answers.fileHandleForReading),
            let port = try? JSONDecoder().decode(Ready.self, from: line).port
        else { throw BenchProblem("The fake AWS did not start.") }
        environment = [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": programs + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
        ]
    }

    deinit { end() }

    func end() {
        try? commands.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Clusters whose head node initialises.
    func create(_ count: Int, prefix: String, region: String) throws {
        let began = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: -300))
        try tell(
            """
            {"command":"many","region":"\(region)","prefix":"\(prefix)","count":\(count),"steps":44,"since":"\(began)"}
            """)
    }

    private func tell(_ command: String) throws {
        struct Answer: Decodable { var ok: Bool }
        try commands.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
        guard let line = Self.line(answers.fileHandleForReading),
            (try? JSONDecoder().decode(Answer.self, from: line).ok) == true
        else { throw BenchProblem("The fake AWS refused \(command).") }
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
