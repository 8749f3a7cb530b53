import Synchronization

/// Lets only a few connections to a builder be opened at the same time. sshd refuses some by chance when more than ten have not yet said
/// who they are (`MaxStartups 10:30:100`, sshd_config(5)), and a builder may keep sixty logs.
final class BuilderQueue: Sendable {
    private static let most = 4

    private struct State {
        var free = BuilderQueue.most
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Returns when it is our turn. Whoever has got a place leaves it, also when cancelled: who is behind waits for that.
    func enter() async -> Place {
        await withCheckedContinuation { turn in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(turn)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { turn.resume() }
        }
        return Place(queue: self)
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }

    /// One of the few.
    final class Place: Sendable {
        private let isLeft = Mutex(false)
        private let queue: BuilderQueue

        fileprivate init(queue: BuilderQueue) { self.queue = queue }

        /// To be called when the far side has answered, or will not. A second time does nothing.
        func leave() {
            let wasLeft = isLeft.withLock { isLeft in
                defer { isLeft = true }
                return isLeft
            }
            if !wasLeft { queue.leave() }
        }
    }
}
