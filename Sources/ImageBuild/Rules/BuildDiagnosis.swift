import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why a build failed, or what endangers it, and what to do about it. Pure.
struct BuildDiagnosis {
    private static let mostSigns = 6

    let reading: BuildReading
    let memory: BuildMemory
    let now: Date
    private var known: KnownBuild { reading.known }
    private var log: BuildLog { reading.log }

    /// - Parameter remaining: seconds, the later end of what is expected.
    func diagnosis(_ verdict: BuildVerdict, remaining: Double?) -> Diagnosis? {
        switch verdict.state {
        case .failed: failed(verdict)
        case .running: full(remaining: remaining) ?? slow ?? close(remaining: remaining)
        case .waiting, .done, .held, .unknown: nil
        }
    }

    // MARK: failed

    private func failed(_ verdict: BuildVerdict) -> Diagnosis {
        if let image = image(verdict) { return image }
        if let failure = log.failures.first(where: { !$0.isOver }) {
            let place = failure.place.map { "log \($0)" }
            let signs = failure.signs.suffix(Self.mostSigns).map { sign in
                sign.line.map { "\($0): \(sign.text)" } ?? sign.text
            }
            return Diagnosis(
                cause: Self.cause(failure), signs: [place].compactMap { $0 } + signs,
                next: [failure.fix] + look(failure) + again)
        }
        let cause: String
        var next: [String] = []
        if log.driven?.stop == .late {
            let limit = known.record.deadline.map { " of \(DurationText.short($0))" } ?? ""
            cause = "Ended at its deadline\(limit)."
            let option = known.record.origin == .slipway ? "--deadline" : "--timeout"
            next = ["Give it more time with \(option), or a builder with more cores."]
        } else if let told = known.failure {
            cause = told
        } else if isUnverified {
            let spec = known.record.packages.last.map { " (\($0))" } ?? ""
            cause = "All packages were installed, but Spack does not find the last of them\(spec)."
            next = ["See what `spack find -lv` lists on the builder."]
        } else if verdict.word == "lost" {
            cause = "Nothing of it runs any more, and it left no end: it was killed, or its machine went down."
            next = ["Build it again: what is installed already is found."]
        } else {
            cause = "It ended with status \(log.driven?.status ?? status ?? 1) and did not say why."
        }
        return Diagnosis(cause: cause, signs: Array(log.tail.lines.suffix(2)), next: known.next + next + again)
    }

    /// The packages are there, and only their image is not: neither the log nor building again says anything about that.
    private func image(_ verdict: BuildVerdict) -> Diagnosis? {
        let makes = known.record.origin == .slipway ? ["slipway ami image \(ShellText.word(known.id))\(on)"] : []
        if verdict.word == "no image" {
            return Diagnosis(
                cause: "The packages are installed, but no image was made of them.", signs: [],
                next: known.next + makes)
        }
        guard let image = known.image, image.state == .failed else { return nil }
        let look = image.id.map { "See why with `aws ec2 describe-images --image-ids \(ShellText.word($0))`." }
        return Diagnosis(
            cause: known.failure ?? "The image could not be made.", signs: [],
            next: known.next.isEmpty ? [look].compactMap { $0 } + makes : known.next)
    }

    /// The status is our driver's own, unless its log says otherwise: drivers of before gave Spack's, which may be the same.
    private var isUnverified: Bool {
        guard known.record.origin == .slipway, (log.driven?.status ?? status) == BuildEnd.unverified else {
            return false
        }
        return log.lineCount == 0 || log.driven?.isVerified == false && log.roots.allSatisfy(\.isTold)
    }

    private var status: Int? {
        if case .ended(let end) = known.life { end.status } else { nil }
    }

    /// `Build failed in gcc@11.3.0, phase configure: no acceptable C compiler found in $PATH`
    private static func cause(_ failure: BuildFailure) -> String {
        let text = failure.headline
        guard let package = failure.package else { return "Build failed: \(text)" }
        let phase = failure.phase.map { ", phase \($0)" } ?? ""
        return "Build failed in \(package.spec)\(phase): \(text)"
    }

    /// The command that shows the log where it went wrong.
    private func look(_ failure: BuildFailure) -> [String] {
        guard let path = failure.log else { return [] }
        let line = failure.line.map { "+\($0) " } ?? ""
        let look = "less \(line)\(ShellText.quoted(path))"
        guard let host = known.record.host, known.record.origin == .slipway else { return [look] }
        return ["ssh -t \(ShellText.word(host)) \(look)"]
    }

    /// The command that builds it again.
    private var again: [String] {
        guard known.record.origin == .slipway, let file = known.record.file else { return [] }
        let spack = known.record.program.flatMap { $0 == "spack" ? nil : " --spack \(ShellText.word($0))" } ?? ""
        return ["slipway ami build -t \(ShellText.quoted(file))\(on)\(spack)"]
    }

    /// What commands need to find it where it is.
    private var on: String { known.record.host.map { " --on \(ShellText.word($0))" } ?? "" }

    // MARK: in danger

    private func full(remaining: Double?) -> Diagnosis? {
        guard case .full(let disk, let peak, let seconds) = log.samples.warning(remaining: remaining) else {
            return nil
        }
        return Diagnosis(
            cause: "disk will not last: peak \(Self.size(peak)) of \(Self.size(disk.total)) in about "
                + DurationText.short(seconds),
            signs: ["\(disk.place): \(Self.size(disk.used)) of \(Self.size(disk.total)) used, \(Self.rate(disk))"],
            next: ["Free space on the builder with `spack clean -a`, or give it a larger volume."])
    }

    private func close(remaining: Double?) -> Diagnosis? {
        guard case .close(let disk, let peak) = log.samples.warning(remaining: remaining) else { return nil }
        return Diagnosis(
            cause: "disk will be nearly full: peak \(Self.size(peak)) of \(Self.size(disk.total))",
            signs: ["\(disk.place): \(Self.size(disk.used)) of \(Self.size(disk.total)) used, \(Self.rate(disk))"],
            next: ["Free space on the builder with `spack clean -a` before the largest packages."])
    }

    /// A package that takes half as long again as it does on average.
    private var slow: Diagnosis? {
        guard let package = log.current.map({ log.packages[$0] }), package.state == .running,
            let usual = memory.usual(package: package.spec), usual.count >= BuildMemory.fewest,
            let startedAt = package.startedAt
        else { return nil }
        let taken = log.time(at: now).timeIntervalSince(startedAt)
        guard taken > BuildStatistics.unusual * usual.median, taken > usual.high + 60 else { return nil }
        return Diagnosis(
            cause: "\(package.spec) is slow: usual \(DurationText.band(usual.low, usual.high)) (n=\(usual.count))",
            signs: ["it has taken \(DurationText.short(taken))"],
            next: ["See what it compiles with `slipway ami watch \(ShellText.word(known.id))\(on) --verbose`."])
    }

    /// `52 GB`, in the units in which the screen writes sizes.
    static func size(_ bytes: Double) -> String {
        let gigabytes = bytes / 1_000_000_000
        guard gigabytes.isFinite else { return "-" }
        let tenths = (gigabytes * 10).rounded() / 10
        return gigabytes >= 10 ? "\(Int(gigabytes.rounded())) GB" : "\(tenths) GB"
    }

    private static func rate(_ disk: BuildSamples.Disk) -> String {
        let growth = (disk.growth ?? 0) / 1_000_000_000
        return "\(growth < 0 ? "" : "+")\((growth * 100).rounded() / 100) GB/min"
    }
}
