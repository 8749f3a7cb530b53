import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ImageDetail {
    /// The place that will not last, or else the fullest.
    var worstDisk: Disk? {
        disks.max { left, right in
            let (one, other) = (left.danger?.rank ?? 0, right.danger?.rank ?? 0)
            return one == other ? left.share < right.share : one < other
        }
    }
}

extension ImageDetail.Disk {
    /// What is wrong with it. Source: wire-formats 4.4 and 4.6.
    struct Danger: Equatable {
        let word: String
        let role: Role
        fileprivate let rank: Int
    }

    private static let full = 0.8
    private static let tight = 0.95

    /// 0 to 1.
    fileprivate var share: Double { total > 0 ? min(1, max(0, Double(used) / Double(total))) : 0 }

    /// Nil for a disk without a size.
    var percent: Int? { total > 0 ? Int((share * 100).rounded(.down)) : nil }

    /// Full to more than four fifths, or on the way to it that a build cannot survive.
    var danger: Danger? {
        guard total > 0 else { return nil }
        let peak = peak.map { Double($0) / Double(total) } ?? 0
        if share > Self.full, peak > 1 { return Danger(word: "fills up", role: .statusFail, rank: 3) }
        if peak > Self.tight { return Danger(word: peak > 1 ? "fills up" : "tight", role: .statusWarn, rank: 2) }
        return share > Self.full ? Danger(word: "full", role: .statusWarn, rank: 1) : nil
    }

    /// `12.3 GB of 45 GB, 27%, +0.2 GB/min, peak 28 GB`
    ///
    /// - Parameter root: the first place, whose figures are not said again for another place of the same file system.
    func text(besides root: ImageDetail.Disk?) -> String {
        let isSame = root.map { $0 != self && $0.used == used && $0.total == total } ?? false
        let size = "\(ByteText.size(Double(used))) of \(ByteText.size(Double(total)))"
        let mine = held.map { "holds \(ByteText.size(Double($0)))" }
        let figures = [size, percent.map { "\($0)%" }, ByteText.rate(growth), peakText, mine]
        return (isSame && mine != nil ? [mine, ByteText.rate(growth)] : figures).compactMap { $0 }
            .joined(separator: ", ")
    }

    private var peakText: String? { peak.map { "peak \(ByteText.size(Double($0)))" } }
}

extension ImageSections {
    private static let places = 8

    /// A line for each place, what is wrong in words first.
    var diskLines: [Line] {
        detail.disks.prefix(Self.places).flatMap { disk in
            let danger = disk.danger
            let says = [danger?.word, disk.text(besides: detail.disks.first), age(of: disk)].compactMap { $0 }
            return table.lines(
                "disk \(disk.place)", mark: Span(danger == nil ? " " : "!", Style(danger?.role ?? .text)),
                says: says.joined(separator: ", "), role: danger?.role ?? .text)
        }
    }

    /// The worst place in a line.
    var diskSummary: [Line] {
        guard item.state != .done, let disk = detail.worstDisk else { return [] }
        let danger = disk.danger
        let says = [danger?.word, disk.text(besides: nil)].compactMap { $0 }.joined(separator: ", ")
        return fact("disk \(disk.place)", danger.map { ("!", $0.role) } ?? (" ", .text), says)
    }

    /// Said of samples that stand still while the build goes on.
    private func age(of disk: ImageDetail.Disk) -> String? {
        let age = now.timeIntervalSince(disk.at)
        return item.state == .running && age > 120 ? "seen \(DurationText.age(age)) ago" : nil
    }
}
