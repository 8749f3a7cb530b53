import Foundation
import Synchronization

/// Posts over several connections at the same time, each of which has a thread of its own.
struct LoadGenerator: Sendable {
    struct Outcome: Sendable {
        /// Posts that were answered with 2xx.
        var acknowledged = 0
        var refused = 0
        /// Seconds from when a post was due until its answer was there.
        var latencies: [Double] = []
        /// Seconds that the whole took.
        var duration = 0.0

        var rate: Double { Double(acknowledged) / max(duration, 1e-9) }
    }

    struct Post: Sendable {
        let path: String
        let body: String
    }

    let port: UInt16
    var connections = 16

    /// Sends one post after the other, each once.
    ///
    /// - Parameters:
    ///   - rate: posts a second. A post that must wait for the one before it is late, and its wait counts: else a service that stands
    ///     still would be asked less. Nil sends each as soon as there is a connection for it.
    func send(_ count: Int, rate: Double? = nil, _ post: @escaping @Sendable (Int) -> Post) throws -> Outcome {
        try sendAll(count, rate: rate) { [post($0)] }
    }

    /// Sends groups of posts; those of a group arrive in their order, different groups at the same time.
    func sendAll(_ count: Int, rate: Double? = nil, _ posts: @escaping @Sendable (Int) -> [Post]) throws -> Outcome {
        let total = Mutex(Outcome())
        let failure = Mutex<BenchProblem?>(nil)
        let start = Clock.now
        let group = DispatchGroup()
        for lane in 0..<connections {
            group.enter()
            Thread.detachNewThread { [self] in
                defer { group.leave() }
                do {
                    let outcome = try send(
                        stride(from: lane, to: count, by: connections), from: start, rate: rate, posts)
                    total.withLock { total in
                        total.acknowledged += outcome.acknowledged
                        total.refused += outcome.refused
                        total.latencies += outcome.latencies
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? BenchProblem("\(error)") }
                }
            }
        }
        group.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
        var outcome = total.withLock { $0 }
        outcome.duration = Clock.now - start
        return outcome
    }

    private func send(
        _ lane: StrideTo<Int>, from start: Double, rate: Double?, _ posts: (Int) -> [Post]
    ) throws -> Outcome {
        let connection = try HTTPConnection(port: port)
        var outcome = Outcome()
        for index in lane {
            let due = rate.map { start + Double(index) / $0 }
            if let due { Clock.sleep(due - Clock.now) }
            for post in posts(index) {
                let began = due ?? Clock.now
                let answer = try connection.post(post.path, post.body)
                outcome.latencies.append(Clock.now - began)
                if 200..<300 ~= answer.status { outcome.acknowledged += 1 } else { outcome.refused += 1 }
            }
        }
        return outcome
    }
}
