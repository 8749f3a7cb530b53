import Foundation

/// What a process holds in memory, in bytes, from `/proc/PID/smaps_rollup`.
struct Memory {
    /// Pages that are in memory, shared ones included.
    let resident: Double
    /// Shared pages counted by the share of this process.
    let proportional: Double

    init?(of process: pid_t) {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8) else {
            return nil
        }
        var values: [Substring: Double] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
            if words.count >= 2, let kilobytes = Double(words[1]) { values[words[0]] = kilobytes * 1024 }
        }
        guard let resident = values["Rss"], let proportional = values["Pss"] else { return nil }
        self.resident = resident
        self.proportional = proportional
    }

    /// The most that a process has ever held in memory, shared pages included; nil when it has ended.
    static func peak(of process: pid_t) -> Double? { status("VmHWM:", of: process) }

    /// What a process holds in memory that is its own: neither its program nor libraries nor other files; nil when it has ended.
    static func anonymous(of process: pid_t) -> Double? { status("RssAnon:", of: process) }

    private static func status(_ key: String, of process: pid_t) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
    }
}
