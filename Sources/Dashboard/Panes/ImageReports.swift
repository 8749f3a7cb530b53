import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What happened in an image build, newest first: each package that began or came to an end, also those that others need.
enum ImageReports {
    private static let limit = 100

    static func lines(_ detail: ImageDetail, _ state: State) -> [Line] {
        let dated = detail.packages.compactMap { package -> (Date, ImageDetail.Package)? in
            guard let start = package.startedAt else { return nil }
            let took = package.state == .running ? 0 : package.seconds.flatMap { $0.isFinite ? $0 : nil } ?? 0
            return (start.addingTimeInterval(took), package)
        }
        return dated.sorted { $0.0 > $1.0 }.prefix(limit).map { at, package in
            let took = package.seconds.map { "took \(DurationText.short($0))" }
            let facts = [
                package.state == .running ? nil : took, package.way, package.isRoot ? nil : "needed by others",
            ]
            return ReportList.line(
                at: at, state.setting.glyphs.shortened(package.spec, to: 28), width: 28, word(package), width: 11,
                role: package.state.mark.role, facts.compactMap { $0 }.joined(separator: ", "), state)
        }
    }

    private static func word(_ package: ImageDetail.Package) -> String {
        switch package.state {
        case .waiting: "waits"
        case .running: "began"
        case .done: "installed"
        case .failed: "failed"
        case .skipped: package.isThere ? "was there" : "left out"
        }
    }
}
