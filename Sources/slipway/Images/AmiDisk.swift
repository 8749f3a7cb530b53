import Fleet
import ImageBuild

/// Sizes and disks in words. A GB is a thousand million bytes, as on the screen and as volumes are sold.
enum AmiDisk {
    private static let units: [(size: Double, name: String)] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]

    /// `12.3 GB`, `850 MB`
    static func size(_ bytes: Int) -> String {
        let bytes = Double(max(0, bytes))
        guard let unit = units.first(where: { bytes >= $0.size * 0.9995 }) else { return "\(Int(bytes)) B" }
        let tenths = Int((bytes / unit.size * 10).rounded())
        let isWhole = unit.size < 1e9 || tenths % 10 == 0 || tenths >= 1000
        return isWhole ? "\((tenths + 5) / 10) \(unit.name)" : "\(tenths / 10).\(tenths % 10) \(unit.name)"
    }

    /// `+0.2 GB/min`; nil for what is next to nothing.
    static func rate(_ bytesPerMinute: Double?) -> String? {
        guard let rate = bytesPerMinute, rate.isFinite, abs(rate) >= 1e6 else { return nil }
        let amount = min(abs(rate), 1e15)
        // In the unit of what it is set against, unless nothing were left of it there.
        let tenths = Int((amount / 1e8).rounded())
        let text = amount >= 5e7 && amount < 1e12 ? "\(tenths / 10).\(tenths % 10) GB" : size(Int(amount))
        return "\(rate < 0 ? "-" : "+")\(text)/min"
    }
}

extension ImageDetail {
    /// The place that will not last, else the one where the system is: what a line about disks is about.
    var tellingDisk: Disk? {
        let known = disks.filter { $0.total > 0 }
        return known.max { ($0.dangerRank, $0.share) < ($1.dangerRank, $1.share) && $1.dangerRank > 0 } ?? known.first
    }
}

extension ImageDetail.Disk {
    /// 0 to 1.
    var share: Double { total > 0 ? min(1, max(0, Double(used) / Double(total))) : 0 }

    var percent: Int { Int((share * 100).rounded(.down)) }

    var free: Int { max(0, total - used) }

    /// `12.3 GB used / 45 GB total (27% full)`
    var usage: String { "\(AmiDisk.size(used)) used / \(AmiDisk.size(total)) total (\(percent)% full)" }

    /// 0 for none, then rising.
    var dangerRank: Int {
        guard total > 0 else { return 0 }
        let peak = Double(peak ?? 0) / Double(total)
        if peak > 1 { return 3 }
        if peak > BuildSamples.narrow { return 2 }
        return share > BuildSamples.alert ? 1 : 0
    }

    /// What is wrong with it, in a few words; nil while all is well. Source: wire-formats 4.4 and 4.6.
    var danger: String? {
        let most = AmiDisk.size(peak ?? 0)
        return switch dangerRank {
        case 3: "will be full before the build is done: peak \(most) of \(AmiDisk.size(total))"
        case 2: "will be nearly full: peak \(most) of \(AmiDisk.size(total))"
        case 1: "more than \(Int(BuildSamples.alert * 100))% full: \(AmiDisk.size(free)) free"
        default: nil
        }
    }
}
