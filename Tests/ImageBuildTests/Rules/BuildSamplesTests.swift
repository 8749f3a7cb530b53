import Foundation
import Testing

@testable import ImageBuild

@Suite("Disks, and where they lead to")
struct BuildSamplesTests {
    private static let gigabyte = 1_073_741_824.0

    /// Samples every 15 s of a disk that grows by so many gigabytes a minute up to `used`.
    private func samples(used: Double, total: Double = 45, perMinute: Double, seconds: Double = 600) -> BuildSamples {
        var samples = BuildSamples()
        for second in stride(from: 0, through: seconds, by: 15) {
            let value = used - perMinute * (seconds - second) / 60
            samples.take(
                "/", used: value * Self.gigabyte, total: total * Self.gigabyte, at: SpackLogs.at(second))
        }
        return samples
    }

    @Test(
        arguments: [
            // Used, growth a minute, minutes that remain, peak, what is said.
            (37.0, 0.6, 25.0, 52.0, "full in 13m20s"), (37.0, 0.6, 10.0, 43.0, "close"),
            (37.0, 0.6, 12.0, 44.2, "close"),
            (20.0, 0.6, 60.0, 56.0, "close"), (20.0, 0.1, 60.0, 26.0, ""), (40.0, 0.0, 60.0, 40.0, ""),
            (43.5, 0.0, 60.0, 43.5, "close"), (44.0, -0.5, 60.0, 44.0, "close"),
        ])
    func aDiskThatWillNotLastIsTold(used: Double, growth: Double, minutes: Double, peak: Double, says: String) {
        let samples = samples(used: used, perMinute: growth)
        let disk = samples.disks[0]
        #expect(abs((disk.growth ?? 9) / Self.gigabyte - growth) < 0.001)
        #expect(abs((BuildSamples.peak(disk, remaining: minutes * 60) ?? 0) / Self.gigabyte - peak) < 0.01)
        switch samples.warning(remaining: minutes * 60) {
        case .full(_, _, let seconds): #expect(says == "full in \(Int(seconds / 60))m\(Int(seconds) % 60)s")
        case .close: #expect(says == "close")
        case nil: #expect(says.isEmpty)
        }
    }

    @Test func tenMinutesCountAndTwoAreNeeded() {
        #expect(samples(used: 20, perMinute: 1, seconds: 105).disks[0].growth == nil)
        #expect(samples(used: 20, perMinute: 1, seconds: 105).warning(remaining: 3600) == nil)
        var samples = samples(used: 40, perMinute: 2)
        // It stands still since.
        for second in stride(from: 615.0, through: 1500, by: 15) {
            samples.take("/", used: 40 * Self.gigabyte, total: 45 * Self.gigabyte, at: SpackLogs.at(second))
        }
        #expect(abs(samples.disks[0].growth ?? 1) < 1)
        // A clock that was set back begins anew.
        samples.take("/", used: 41 * Self.gigabyte, total: 45 * Self.gigabyte, at: SpackLogs.at(0))
        #expect(samples.disks[0].growth == nil)
    }

    @Test func placesAreBounded() {
        var samples = BuildSamples()
        for index in 0..<1000 { samples.take("/place\(index)", used: 1, total: 2, at: SpackLogs.at(0)) }
        samples.take("/", used: 1, total: 2, at: SpackLogs.at(0))
        #expect(samples.disks.count == 8)
        samples = BuildSamples()
        samples.take("/tmp", used: 1, total: 2, at: SpackLogs.at(0))
        samples.take("/", used: 1, total: 2, at: SpackLogs.at(0))
        samples.take("/tmp", held: 5)
        #expect(samples.disks.map(\.place) == ["/", "/tmp"] && samples.disks[1].held == 5)
    }
}
