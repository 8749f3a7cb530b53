#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One thing that went wrong, put together from the lines that tell of it.
public struct BuildFailure: Sendable, Equatable {
    /// A line of the package's own build log that Spack points at.
    public struct Sign: Sendable, Equatable {
        /// Its number in that log; nil where it was seen in the output.
        public var line: Int?
        public var text: String

        public init(line: Int? = nil, text: String) {
            self.line = line
            self.text = text
        }

        /// Which trouble it tells of.
        var trouble: BuildTrouble? {
            var text = text
            return text.withUTF8 { bytes in
                let line = LineBytes(base: bytes)
                return (line.has("spack.") ? SpackErrors.raised(line) : nil) ?? BuildTrouble.output(line)
            }
        }
    }

    static let signLimit = 8

    public var trouble: BuildTrouble
    public var package: PackageID?
    public var phase: String?
    /// What Spack said: one line.
    public var text: String
    /// The command that failed, as Spack quotes it.
    public var command: String?
    /// The package's build log.
    public var log: String?
    public var signs: [Sign] = []
    public var at: Date
    /// Whether the package was started again since.
    public var isOver = false
    /// Whether its signs are what Spack found in the build log.
    var hasDigest = false

    public init(trouble: BuildTrouble, package: PackageID? = nil, phase: String? = nil, text: String, at: Date) {
        self.trouble = trouble
        self.package = package
        self.phase = phase
        self.text = text
        self.at = at
    }

    /// The line of the build log that says most: the first of the trouble that is believed.
    public var line: Int? { cause?.line ?? signs.first { $0.line != nil }?.line }

    /// The sign that says most.
    public var cause: Sign? {
        signs.first { $0.trouble == trouble } ?? signs.first
    }

    /// What went wrong, in one line: what a build log or the solver says of it, else what Spack says. Addresses that were tried, digests
    /// that were expected and hints are no causes.
    public var headline: String {
        guard let cause else { return text }
        let isCause = cause.line != nil || cause.trouble == trouble || trouble == .conflict || trouble == .noCompiler
        return isCause ? cause.text : text
    }

    /// `/tmp/…/spack-build-out.txt:417`
    public var place: String? { log.map { path in line.map { "\(path):\($0)" } ?? path } }

    /// What to do about it, in one sentence.
    public var fix: String { BuildFix.fix(for: self) }
}
