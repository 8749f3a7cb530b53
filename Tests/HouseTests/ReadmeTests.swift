import Foundation
import Testing

/// What the pages say must be so.
@Suite struct ReadmeTests {
    @Test func ciRunsExactlyTheTestCommandOfReadme() throws {
        let readme = try String(contentsOf: ArrowTests.package.appendingPathComponent("README.md"), encoding: .utf8)
        let script = try String(contentsOf: ArrowTests.package.appendingPathComponent(".ci/run"), encoding: .utf8)
        let command = "bash .ci/setup --test && swift test --skip EndToEndTests && swift test --filter EndToEndTests"
        #expect(readme.contains(command))
        #expect(script.contains(command))
    }

    @Test func picturesInReadmeExist() throws {
        let readme = try String(contentsOf: ArrowTests.package.appendingPathComponent("README.md"), encoding: .utf8)
        let names = readme.components(separatedBy: "(screenshots/").dropFirst().compactMap {
            $0.split(separator: ")").first
        }
        #expect(!names.isEmpty)
        for name in names {
            let path = ArrowTests.package.appendingPathComponent("screenshots/\(name)").path
            #expect(FileManager.default.fileExists(atPath: path), "screenshots/\(name)")
        }
    }
}
