import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What starting a build has in common here and on a builder: its words, its answer, and the files it leaves.
enum BuildStart {
    /// The words of `BuildShell.start`.
    static func words(
        _ request: BuildRequest, _ record: BuildRecord, folder: String
    ) throws(UpstreamProblem) -> [String] {
        if let fault = request.fault {
            throw UpstreamProblem(.misconfigured, fault, advice: "Correct the template, or the command.")
        }
        guard let bytes = try? FleetCoder.encoder().encode(record) else {
            throw UpstreamProblem(
                .misconfigured, "The build cannot be written down.", advice: "Correct the template, or the command.")
        }
        return [folder, String(decoding: bytes, as: UTF8.self), BuildDriver.script] + request.words
    }

    /// - Parameters:
    ///   - answer: what the script printed.
    ///   - host: nil for this machine.
    static func check(_ answer: String, on host: String?) throws(UpstreamProblem) {
        let last = answer.split(separator: "\n").last.map(String.init) ?? ""
        guard last != "started" else { return }
        let place = host.map { " on \($0)" } ?? ""
        if last.hasPrefix("refused ") {
            let reason = SafeText.line(String(last.dropFirst(8)), limit: 200)
            throw UpstreamProblem(
                .misconfigured, "The build cannot be started\(place): \(reason).",
                advice: reason.contains("program")
                    ? "Install it there, or name its path with --spack." : "Check the disk and the permissions there.")
        }
        throw UpstreamProblem(
            .unreadable, "The build did not start\(place): \(SafeText.line(last, limit: 200))",
            advice: "Run `sh` there by hand; its start files may print something.")
    }

    static func record(_ bytes: Data) -> BuildRecord? {
        guard var record = try? FleetCoder.decoder().decode(BuildRecord.self, from: bytes) else { return nil }
        record.name = SafeText.line(record.name, limit: 80)
        record.template = record.template.map { SafeText.line($0, limit: 80) }
        record.host = record.host.map { SafeText.line($0, limit: 120) }
        record.packages = record.packages.prefix(BuildLog.rootLimit).map { SafeText.line($0, limit: PackageSpec.most) }
        return record
    }

    /// `0 1795280533`
    static func end(_ bytes: Data) -> BuildEnd? {
        let words = String(decoding: bytes.prefix(200), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, let status = Int(words[0]), let second = Int(words[1]),
            (946_684_800...4_102_444_800).contains(second)
        else { return nil }
        return BuildEnd(status: status, at: Date(timeIntervalSince1970: Double(second)))
    }
}
