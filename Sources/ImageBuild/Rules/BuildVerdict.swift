import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a build stands, by what its place says and what its log tells. Pure.
struct BuildVerdict: Equatable {
    /// A build of which the packages are there and the image is not waited for longer than this. Seconds.
    private static let imageGrace: Double = 600

    var state: Item.State
    /// launching, installing, creating image, complete, failed, stopped, lost.
    var word: String

    init(_ reading: BuildReading, now: Date) {
        let known = reading.known
        if let image = known.image {
            switch image.state {
            case .available:
                self.init(.done, "complete")
                return
            case .failed:
                self.init(.failed, "failed")
                return
            case .pending where reading.log.outcome != .failed:
                self.init(.running, KnownBuild.Stage.creating.rawValue)
                return
            case .pending: break
            }
        }
        switch known.life {
        case .ended(let end): self.init(end, reading, now: now)
        case .lost: self.init(.failed, reading.log.outcome == .failed ? "failed" : "lost")
        case .running: self.init(.running, Self.word(reading))
        case .unknown:
            if reading.log.outcome == .failed {
                self.init(.failed, "failed")
            } else if reading.log.outcome == .succeeded || reading.isQuietlyDone(at: now) {
                self.init(.done, "complete")
            } else if reading.log.lineCount == 0 {
                self.init(.waiting, "no log yet")
            } else {
                self.init(.running, Self.word(reading))
            }
        }
    }

    private init(_ state: Item.State, _ word: String) {
        self.state = state
        self.word = word
    }

    private init(_ end: BuildEnd, _ reading: BuildReading, now: Date) {
        if end.status == BuildEnd.stopped || reading.log.driven?.stop == .byHand {
            // What a person has stopped needs nobody, and says nothing about how long builds take.
            self.init(.unknown, "stopped")
        } else if end.status != 0 || reading.known.failure != nil {
            self.init(.failed, "failed")
        } else if reading.known.record.imageName != nil, reading.known.image == nil {
            let isWaited = now.timeIntervalSince(end.at) < Self.imageGrace
            self.init(isWaited ? .running : .failed, isWaited ? KnownBuild.Stage.creating.rawValue : "no image")
        } else {
            self.init(.done, "complete")
        }
    }

    private static func word(_ reading: BuildReading) -> String {
        if let stage = reading.known.stage { return stage.rawValue }
        let hasBegun = reading.log.lineCount > 0 || reading.log.roots.contains { $0.startedAt != nil }
        return (hasBegun ? KnownBuild.Stage.installing : .launching).rawValue
    }
}
