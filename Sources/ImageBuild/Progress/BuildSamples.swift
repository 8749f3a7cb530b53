#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The builder's disks as they were sampled, and where that leads to. Pure; ten minutes of it are kept.
public struct BuildSamples: Sendable, Equatable {
    /// One place: a file system, and what the place itself holds.
    public struct Disk: Sendable, Equatable {
        public var place: String
        /// Bytes of its file system.
        public var used: Double
        public var total: Double
        /// The most that was used.
        public var highest: Double
        /// Bytes below the place, where they were counted.
        public var held: Double?
        public var at: Date
        /// Bytes a minute over the last ten minutes; nil while they are less than two.
        public var growth: Double?
        fileprivate var past: [(at: Date, used: Double)] = []

        /// 0…1
        public var share: Double { total > 0 ? used / total : 0 }

        public static func == (left: Disk, right: Disk) -> Bool {
            left.place == right.place && left.used == right.used && left.total == right.total && left.at == right.at
                && left.held == right.held && left.growth == right.growth && left.highest == right.highest
        }
    }

    public struct Memory: Sendable, Equatable {
        /// Bytes.
        public var used: Double
        public var total: Double
    }

    /// What is said when a disk will not last.
    public enum Warning: Sendable, Equatable {
        /// It will be full before the build is done.
        case full(Disk, peak: Double, seconds: Double)
        /// Little room will be left.
        case close(Disk, peak: Double)
    }

    /// Seconds over which growth is measured, and the least that says anything.
    public static let window: Double = 600
    static let least: Double = 120
    private static let mostPlaces = 8
    private static let mostSamples = 128
    /// Above this share a disk that will not last is told. Source: wire-formats 4.4 and 4.6.
    public static let alert = 0.8
    /// A peak above this share is close.
    public static let narrow = 0.95

    /// The root file system first, then in the order in which they were met.
    public private(set) var disks: [Disk] = []
    public internal(set) var memory: Memory? {
        didSet { if let memory { highestMemory = max(memory.used, highestMemory ?? 0) } }
    }
    /// The most memory that was used, in bytes.
    public private(set) var highestMemory: Double?
    public internal(set) var load: Double?

    public init() {}

    public mutating func take(_ place: String, used: Double, total: Double, at now: Date) {
        let index: Int
        if let known = disks.firstIndex(where: { $0.place == place }) {
            index = known
        } else {
            guard disks.count < Self.mostPlaces else { return }
            index = place == "/" ? 0 : disks.count
            disks.insert(Disk(place: place, used: used, total: total, highest: used, at: now), at: index)
        }
        // A clock that was set back begins anew.
        if now < disks[index].at { disks[index].past = [] }
        disks[index].used = used
        disks[index].total = total
        disks[index].highest = max(used, disks[index].highest)
        disks[index].at = now
        disks[index].past.append((now, used))
        disks[index].past.removeAll { now.timeIntervalSince($0.at) > Self.window }
        if disks[index].past.count > Self.mostSamples { disks[index].past.removeFirst() }
        disks[index].growth = Self.growth(disks[index].past)
    }

    /// Bytes below a place that was sampled.
    public mutating func take(_ place: String, held: Double) {
        guard let index = disks.firstIndex(where: { $0.place == place }) else { return }
        disks[index].held = held
    }

    /// The slope of a straight line through the samples: the first and the last alone would follow every file that comes and goes.
    private static func growth(_ past: [(at: Date, used: Double)]) -> Double? {
        guard let first = past.first, let last = past.last, last.at.timeIntervalSince(first.at) >= least else {
            return nil
        }
        let count = Double(past.count)
        let times = past.map { $0.at.timeIntervalSince(first.at) / 60 }
        let meanTime = times.reduce(0, +) / count
        let meanUsed = past.reduce(0) { $0 + $1.used } / count
        var above = 0.0
        var below = 0.0
        for (time, sample) in zip(times, past) {
            above += (time - meanTime) * (sample.used - meanUsed)
            below += (time - meanTime) * (time - meanTime)
        }
        return below > 0 ? above / below : nil
    }

    /// The most a disk will hold by the end if it goes on so.
    ///
    /// - Parameter remaining: seconds until then; the later end of what is expected.
    public static func peak(_ disk: Disk, remaining: Double?) -> Double? {
        guard let growth = disk.growth, let remaining, remaining.isFinite else { return nil }
        return max(disk.used, disk.used + growth * max(0, remaining) / 60)
    }

    /// The worst that is to be said of the disks.
    public func warning(remaining: Double?) -> Warning? {
        var close: Warning?
        for disk in disks where disk.total > 0 {
            guard let peak = Self.peak(disk, remaining: remaining) else { continue }
            if disk.share > Self.alert, peak > disk.total, let growth = disk.growth, growth > 0 {
                return .full(disk, peak: peak, seconds: (disk.total - disk.used) / growth * 60)
            }
            if peak > Self.narrow * disk.total, close == nil { close = .close(disk, peak: peak) }
        }
        return close
    }
}
