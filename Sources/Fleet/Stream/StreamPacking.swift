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

/// Puts a fleet into as few frames as lines have room for.
struct StreamParts {
    private let empty: StreamFrame.Part
    private var parts: [StreamFrame.Part] = []
    private var current: StreamFrame.Part
    private var size = 0

    init(_ empty: StreamFrame.Part) {
        self.empty = empty
        current = empty
    }

    mutating func add(_ item: StreamItem) { add(size: JSONWriter.size(item.value)) { $0.items.append(item) } }
    mutating func add(_ id: ItemID) { add(size: JSONWriter.size(.text(id.text))) { $0.gone.append(id) } }
    mutating func add(_ source: Source) { add(size: JSONWriter.size(.tree(source))) { $0.sources.append(source) } }
    mutating func add(_ event: Event) { add(size: JSONWriter.size(.tree(event))) { $0.events.append(event) } }

    private mutating func add(size: Int, _ change: (inout StreamFrame.Part) -> Void) {
        if self.size + size > StreamLines.room {
            parts.append(current)
            current = empty
            self.size = 0
        }
        self.size += size + 8
        change(&current)
    }

    consuming func taken() -> [StreamFrame] {
        current.isLast = true
        return (parts + [current]).map(StreamFrame.fleet)
    }
}
