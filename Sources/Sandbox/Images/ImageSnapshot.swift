import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The image that is made of a builder's disk, and how its snapshot fills. Source of the percents: wire-formats 4.1.
struct ImageSnapshot: Sendable {
    let name: String
    let id: String
    let starts: Double
    var ends: Double { starts + Self.seconds }

    static let seconds: Double = 620
    private static let steps: [(share: Double, percent: Int)] = [(0.1, 22), (0.32, 43), (0.6, 85), (0.85, 99)]

    /// Nil before it is begun.
    func state(at age: Double, began: Date) -> BuildImage? {
        guard age >= starts else { return nil }
        let isThere = age >= ends
        let step = Self.steps.last { starts + $0.share * Self.seconds <= age }
        return BuildImage(
            id: id, name: name, state: isThere ? .available : .pending, percent: isThere ? 100 : step?.percent ?? 0,
            startedAt: began.addingTimeInterval(starts), endedAt: isThere ? began.addingTimeInterval(ends) : nil)
    }
}
