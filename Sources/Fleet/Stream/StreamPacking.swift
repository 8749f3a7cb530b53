#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Puts what is told into as few changes as lines have room for.
struct StreamSteps {
    private var steps: [StreamFrame.Step] = []
    private var current: StreamFrame.Step
    private var size = 0

    /// - Parameter seq: that of the last change.
    init(seq: Int, at: Date) { current = StreamFrame.Step(seq: seq + 1, at: at) }

    var isEmpty: Bool { steps.isEmpty && current.isEmpty }

    /// The number of the change that was added to last.
    var seq: Int { current.isEmpty ? current.seq - 1 : current.seq }

    mutating func add(size: Int, _ change: (inout StreamFrame.Step) -> Void) {
        if self.size + size > StreamLines.room, !current.isEmpty {
            steps.append(current)
            current = StreamFrame.Step(seq: current.seq + 1, at: current.at)
            self.size = 0
        }
        self.size += size + 64
        change(&current)
    }

    func taken() -> [StreamFrame] { (current.isEmpty ? steps : steps + [current]).map(StreamFrame.change) }
}
