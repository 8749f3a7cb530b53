import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Something that lives in the API server and moves objects, as the controllers of a real cluster do: it is told what happens and does
/// what is due. All of its deeds have dates of their own, so that a clock that jumps leads to the same objects as one that creeps.
protocol KubeController: Sendable {
    /// When it has something to do; nil while it waits for others.
    var next: Date? { get }

    /// Looks over all that is there: when it begins, and when something has changed that is not in the objects.
    mutating func survey(_ store: KubeStore, at now: Date)

    mutating func hear(_ news: KubeStore.News, at now: Date)

    /// Does what is due first. What it puts off must be later than now, so that a moment ends.
    mutating func act(on store: inout KubeStore, at now: Date)
}

/// The controllers of an API server, in the order in which they came.
struct KubeResidents: Sendable {
    var all: [(id: Int, controller: any KubeController)] = []
    var wakes: [Int: AsyncStream<Void>.Continuation] = [:]
    private var last = 0

    mutating func admit(
        _ controllers: [any KubeController], _ wake: AsyncStream<Void>.Continuation, store: KubeStore, at now: Date
    ) -> Int {
        last += 1
        for var controller in controllers {
            controller.survey(store, at: now)
            all.append((last, controller))
        }
        wakes[last] = wake
        return last
    }

    mutating func dismiss(_ id: Int) {
        all.removeAll { $0.id == id }
        wakes[id] = nil
    }

    /// Who is due first; of several at once, who came first.
    var first: (index: Int, at: Date)? {
        var first: (index: Int, at: Date)?
        for (index, resident) in all.enumerated() {
            if let next = resident.controller.next, next < first?.at ?? .distantFuture { first = (index, next) }
        }
        return first
    }
}

extension SandboxKubernetes {
    /// Lets controllers live here until the task is cancelled.
    ///
    /// - Parameter time: the clock by which they sleep while nothing is due.
    func live(with controllers: [any KubeController], time: TimeSource) async {
        settle()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        store.hasListeners = true
        let id = residents.admit(controllers, wake, store: store, at: time.now())
        while !Task.isCancelled {
            settle()
            // Also where nothing is due there is somebody asleep: so a test knows that all has been done.
            let rest = min(3600, max(0, (residents.first?.at ?? .distantFuture).timeIntervalSince(time.now())))
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Cancelled when something happens first.
                    if (try? await time.sleep(rest)) != nil { wake.yield() }
                }
                for await _ in wakes { break }
                group.cancelAll()
            }
        }
        residents.dismiss(id)
        store.hasListeners = !residents.all.isEmpty
        _ = store.takeNews()
    }

    /// Does all that is due by now, each thing at its own date. Nobody is answered before.
    func settle() {
        guard !residents.all.isEmpty else { return }
        let now = time.now()
        let before = store.revision
        tell(at: now)
        while let (index, due) = residents.first, due <= now {
            store.sweep(at: due)
            residents.all[index].controller.act(on: &store, at: due)
            tell(at: due)
        }
        if store.revision != before { wakeAll() }
    }

    /// Tells the controllers what somebody has just written.
    func tellControllers() {
        guard !residents.all.isEmpty, tell(at: time.now()) else { return }
        for wake in residents.wakes.values { wake.yield() }
    }

    /// Lets the controllers look at everything anew: something has changed that is not in the objects.
    func surveyAgain() {
        settle()
        for index in residents.all.indices { residents.all[index].controller.survey(store, at: time.now()) }
        for wake in residents.wakes.values { wake.yield() }
    }

    @discardableResult
    private func tell(at date: Date) -> Bool {
        let news = store.takeNews()
        for index in residents.all.indices {
            for item in news { residents.all[index].controller.hear(item, at: date) }
        }
        return !news.isEmpty
    }
}
