import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The newest lines of one log of the head node, ready to be searched.
struct DiagnosisLog: Sendable, Equatable {
    /// `cfn-init`, `chef-client`, …
    var name: String
    var stream: String
    /// Seconds since its newest line; nil when no line has a time.
    var age: Double?
    /// Oldest first.
    var lines: [String]
    /// The same lines in small letters, which is what phrases are compared with.
    private(set) var folded: [[UInt8]]

    /// What is searched of one log, and of one line, in bytes: the search costs what is searched.
    private static let lineLimit = 120
    private static let byteLimit = 600

    init(_ stream: ClusterReading.Stream, now: Date) {
        name = SafeText.line(stream.log, limit: 60)
        self.stream = SafeText.line(stream.name, limit: 200)
        lines = stream.lines.suffix(Self.lineLimit).map { SafeText.line($0, limit: Self.byteLimit) }
        folded = lines.map { DiagnosisPhrase.folded($0, limit: Self.byteLimit) }
        // CloudWatch's own time of a stream's last event may be behind by an hour; the newest lines tell theirs. Lines
        // of a machine
        // whose clock shows another zone may seem to come from the future, and those are left out.
        let told = lines.suffix(5).compactMap(Self.time).filter { $0 <= now.addingTimeInterval(60) }.max()
        age = [stream.lastAt, told].compactMap { $0 }.max().map { max(0, now.timeIntervalSince($0)) }
    }

    /// The time at the beginning of a line as cfn-init, chef, ParallelCluster's daemons and Slurm write it.
    static func time(_ line: String) -> Date? {
        prefix(line).flatMap { WireTime.date($0.time, zone: .gmt) }
    }

    /// A line for people: without its time, without what must not be shown, and not long.
    ///
    /// - Parameter showing: what must be seen of it; a long line begins where this is still shown.
    static func quoted(_ line: String, showing phrase: DiagnosisPhrase? = nil, limit: Int = 180) -> String {
        var text = Substring(line)
        if let prefix = prefix(line), WireTime.date(prefix.time, zone: .gmt) != nil {
            text = text.dropFirst(prefix.length).drop { $0 == " " || $0 == "-" }
        }
        let shown = SecretText.hidden(String(text))
        guard let end = phrase?.end(in: DiagnosisPhrase.folded(shown, limit: byteLimit)), end > limit else {
            return SafeText.line(shown, limit: limit)
        }
        let bytes = Array(shown.utf8)
        // Not from the middle of a character.
        let start = (end - limit * 2 / 3..<end).first { bytes[$0] & 0xC0 != 0x80 } ?? end
        return SafeText.line("…" + String(decoding: bytes[start...], as: UTF8.self), limit: limit)
    }

    /// `[2026-11-20T22:01:00+00:00] …` or `2026-11-20 22:01:00,123 …`, and how many characters it takes.
    private static func prefix(_ line: String) -> (time: String, length: Int)? {
        let head = line.prefix(40)
        if head.first == "[" {
            guard let end = head.firstIndex(of: "]") else { return nil }
            let inner = head[head.index(after: head.startIndex)..<end]
            return (String(inner), inner.count + 2)
        }
        guard head.first?.isASCII == true, head.first?.isNumber == true else { return nil }
        let words = head.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard let first = words.first else { return nil }
        if first.count > 10 { return (String(first), first.count) }
        guard words.count > 1 else { return nil }
        return ("\(first) \(words[1])", first.count + words[1].count + 1)
    }
}
