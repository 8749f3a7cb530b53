#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is still to happen in the management cluster, over all deployments. It has no end: each chapter is worked out when the one
/// before is over.
struct KordentPlan: Sendable {
    private struct Line: Sendable {
        let deployment: KordentDeployment
        var chapter: Int
        var steps: ArraySlice<KordentStep> = []
    }

    private var lines: [Line]
    private let opening: Date
    private let seed: UInt64

    init(_ deployments: [KordentDeployment], opening: Date, seed: UInt64) {
        self.opening = opening
        self.seed = seed
        lines = deployments.map { Line(deployment: $0, chapter: $0.firstChapter) }
        for index in lines.indices { refill(index) }
    }

    /// When the next thing happens.
    var next: Date? { lines.compactMap { $0.steps.first?.at }.min() }

    /// Takes out all that has happened by then, in the order of its dates.
    mutating func take(until now: Date) -> [KordentStep] {
        var taken: [(line: Int, step: KordentStep)] = []
        for index in lines.indices {
            while let step = lines[index].steps.first, step.at <= now {
                taken.append((index, step))
                lines[index].steps.removeFirst()
                if lines[index].steps.isEmpty { refill(index) }
            }
        }
        // What was taken from one line stays in its order there.
        return taken.enumerated().sorted {
            ($0.element.step.at, $0.element.line, $0.offset) < ($1.element.step.at, $1.element.line, $1.offset)
        }.map(\.element.step)
    }

    private mutating func refill(_ index: Int) {
        let chapter = lines[index].chapter
        lines[index].steps = lines[index].deployment.chapter(chapter, opening: opening, seed: seed)[...]
        lines[index].chapter = chapter + 1
    }
}
