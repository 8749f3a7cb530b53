import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The maintenance of the pool, by one manager at a time.
extension PoolManager {
    /// Waits for the Lease of the maintenance, and keeps the pool in order for as long as it is held.
    func lead() async {
        let lease = PoolLease(
            desk.api, namespace: settings.templatesNamespace, name: Self.roundLease, identity: settings.identity,
            pace: pace, time: time)
        while !Task.isCancelled {
            if (try? await acquireRound(lease)) == true {
                log("the maintenance of the pool is ours")
                isLeader = true
                signal.yield()
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await lease.hold() }
                    group.addTask { await self.maintain() }
                    await group.next()
                    group.cancelAll()
                }
                isLeader = false
                await Task { await lease.release() }.value
            }
            try? await time.sleep(pace.retry)
        }
    }

    private func acquireRound(_ lease: PoolLease) async throws(UpstreamProblem) -> Bool {
        do throws(UpstreamProblem) {
            return try await lease.acquire()
        } catch {
            // The namespace of the Lease is made with the first bootstrap; a pool to watch over may be there before.
            guard error.isAbsent else { throw error }
            try await desk.makeTemplatesNamespace()
            return try await lease.acquire()
        }
    }

    private func maintain() async {
        while !Task.isCancelled {
            if index.isSettled, index.problem == nil {
                await maintainOnce()
                rounds += 1
                try? await time.sleep(Self.round)
            } else {
                try? await time.sleep(pace.retry)
            }
        }
    }

    /// One round: health checks that look, locks that have run out. Work that was left behind is taken up by itself.
    public func maintainOnce() async {
        let start = time.now()
        // A second look is needed of free clusters only: nothing would be written of the others.
        let free = index.entries.filter { $0.value.reading.namespace.isFree }
        let earlier = free.mapValues { PoolHealth.findings($0.reading, now: start) }
        if earlier.values.contains(where: { !$0.isEmpty }) { try? await time.sleep(Self.secondLook) }
        for name in index.entries.keys.sorted(by: PoolNames.precedes) {
            guard !Task.isCancelled, let reading = index.entries[name]?.reading else { continue }
            let namespace = reading.namespace
            guard namespace.keeper == .slipway, namespace.metadata.deletionTimestamp == nil else { continue }
            let now = time.now()
            if let end = namespace.time(PoolAnnotations.lockExpires), namespace.status == .locked, end < now {
                await takeBack(namespace)
            } else if PoolHealth.verdict(reading, earlier: earlier[name] ?? [], now: now) != nil {
                // A watch may be behind: before a cluster is taken out of the pool, or put back, the server is asked how it is now.
                guard let reading = try? await desk.look(at: name),
                    let verdict = PoolHealth.verdict(reading, earlier: earlier[name] ?? [], now: now),
                    (try? await desk.write(.checked(verdict, now: now), to: reading.namespace)) != nil
                else { continue }
                let found = PoolHealth.findings(reading, now: now)
                log("\(name): " + (found.isEmpty ? "it is well again" : found.joined(separator: "; ")))
            } else {
                await noteCheck(name)
            }
        }
    }

    private func takeBack(_ namespace: WirePoolNamespace) async {
        let notes = PoolNotes.queued(.reset, status: .resetting, now: time.now())
        guard (try? await desk.write(notes, to: namespace)) != nil else { return }
        log("\(namespace.name): the time of session \(namespace.text(PoolAnnotations.assignedSession) ?? "-") is over")
    }

    /// Without a version: that it was looked at contradicts nobody.
    private func noteCheck(_ name: String) async {
        let notes = PoolNotes.checked(now: time.now()).patch(version: nil)
        let _: KubeAny? = try? await desk.api.patch(.namespaces, namespace: nil, name: name, notes)
    }
}
