import Foundation
import Glibc

/// A process with everything it has started, as it is now.
struct ProcessTree {
    /// The process itself first.
    let members: [pid_t]
    /// CPU seconds of all of them, also of those that have ended.
    let processorTime: Double
    /// CPU seconds of the process itself.
    let own: Double

    /// Bytes of what it has started, shared pages by share.
    var childrenMemory: Double { members.dropFirst().compactMap { Memory(of: $0)?.proportional }.reduce(0, +) }

    init(_ root: pid_t) {
        var parents: [pid_t: pid_t] = [:]
        var times: [pid_t: (own: Double, ended: Double)] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let id = pid_t(name), let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { continue }
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 14 else { continue }
            let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
            let ticks = fields[11...14].map { (Double($0) ?? 0) / tick }
            parents[id] = pid_t(fields[1])
            times[id] = (ticks[0] + ticks[1], ticks[2] + ticks[3])
        }
        var found = [root]
        var next = 0
        while next < found.count {
            let parent = found[next]
            found += parents.filter { $0.value == parent }.keys
            next += 1
        }
        members = found
        processorTime = found.reduce(0) { $0 + (times[$1]?.own ?? 0) + (times[$1]?.ended ?? 0) }
        own = times[root]?.own ?? 0
    }
}
