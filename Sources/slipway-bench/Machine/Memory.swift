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
}
