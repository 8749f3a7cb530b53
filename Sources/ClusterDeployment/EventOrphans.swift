import Fleet

/// Events that nobody can be told to own yet, for they may come before their deployment. Bounded, and so that what happens often takes
/// nothing from the rest: no object may have many, and what says nothing goes before what matters.
struct EventOrphans: Sendable {
    /// Of one name of an object; news first.
    private static let listedLimit = 24
    private static let otherLimit = 8
    /// Of all together.
    private static let limit = 6000

    private struct Kept {
        var event: WireEvent
        /// The order in which they came.
        var place: Int
    }

    /// Events that matter, and others.
    private struct Bucket {
        var listed: [Kept] = []
        var others: [Kept] = []

        var count: Int { listed.count + others.count }
    }

    /// By the namespace and the first word of the object's name, which is that of its owner; then by that name.
    private var buckets: [DeploymentKey: [String: Bucket]] = [:]
    private(set) var count = 0
    private var next = 0

    mutating func keep(_ event: WireEvent) {
        let word = Self.word(event.namespace, event.object.name)
        var bucket = buckets[word]?[event.object.name] ?? Bucket()
        count -= bucket.count
        // A new list tells what was told before.
        if !event.metadata.uid.isEmpty {
            bucket.listed.removeAll { $0.event.metadata.uid == event.metadata.uid }
            bucket.others.removeAll { $0.event.metadata.uid == event.metadata.uid }
        }
        let kept = Kept(event: event, place: next)
        next += 1
        if EventFilter.topic(of: event) != nil {
            bucket.listed.append(kept)
            if bucket.listed.count > Self.listedLimit { bucket.listed.removeFirst() }
        } else {
            bucket.others.append(kept)
            if bucket.others.count > Self.otherLimit { bucket.others.removeFirst() }
        }
        count += bucket.count
        buckets[word, default: [:]][event.object.name] = bucket
        if count > Self.limit { shrink() }
    }

    /// Hands over what belongs to a deployment, in the order in which it came.
    ///
    /// - Parameter owns: says which of the events whose names begin with the deployment's it takes; the rest stays.
    mutating func take(for key: DeploymentKey, _ owns: (WireEvent) -> Bool) -> [WireEvent] {
        let word = Self.word(key.namespace, key.name)
        var taken: [Kept] = []
        for name in buckets[word]?.keys.filter({ $0.hasPrefix(key.name) }) ?? [] {
            guard var bucket = buckets[word]?[name] else { continue }
            let found = (bucket.listed + bucket.others).filter { owns($0.event) }
            guard !found.isEmpty else { continue }
            taken += found
            bucket.listed.removeAll { owns($0.event) }
            bucket.others.removeAll { owns($0.event) }
            buckets[word]?[name] = bucket.count == 0 ? nil : bucket
        }
        if buckets[word]?.isEmpty == true { buckets[word] = nil }
        count -= taken.count
        return taken.sorted { $0.place < $1.place }.map(\.event)
    }

    /// First what says nothing goes, the older half of it; of what matters only when that is not enough.
    private mutating func shrink() {
        drop(\.others)
        if count > Self.limit * 3 / 4 { drop(\.listed) }
    }

    private mutating func drop(_ part: WritableKeyPath<Bucket, [Kept]>) {
        let places = buckets.values.flatMap { $0.values.flatMap { $0[keyPath: part].map(\.place) } }.sorted()
        guard !places.isEmpty else { return }
        let border = places[places.count / 2]
        buckets = buckets.compactMapValues { names in
            let left = names.compactMapValues { bucket in
                var bucket = bucket
                bucket[keyPath: part].removeAll { $0.place <= border }
                return bucket.count == 0 ? nil : bucket
            }
            return left.isEmpty ? nil : left
        }
        count = buckets.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } }
    }

    private static func word(_ namespace: String, _ name: String) -> DeploymentKey {
        DeploymentKey(namespace: namespace, name: String(name.prefix { $0 != "-" }))
    }
}
