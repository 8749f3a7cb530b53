import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All objects of the API server, with one count of revisions over all types, as etcd has it. A value: a dry run is a copy that is
/// thrown away.
struct KubeStore: Sendable {
    private(set) var revision = 1000
    private(set) var shelves: [String: KubeShelf] = [:]
    /// Whether what happens is kept for controllers until they have been told.
    var hasListeners = false
    private var news: [News] = []
    private var owners = KubeOwners()
    private let seed: UInt64
    private let memory: Int

    /// Something that has happened to an object.
    struct News: Sendable {
        let resource: KubeType
        /// The state afterwards; of what is gone, the last one.
        let object: JSONValue
        let isDeletion: Bool
    }

    init(_ resources: [KubeType], seed: UInt64, memory: Int) {
        self.seed = seed
        self.memory = memory
        for resource in resources { register(resource) }
    }

    // MARK: types

    mutating func register(_ resource: KubeType) {
        if shelves[resource.name] == nil {
            shelves[resource.name] = KubeShelf(resource, memory: memory, revision: revision)
        }
    }

    mutating func removeResource(_ name: String) {
        shelves[name] = nil
        owners.forget(name)
    }

    /// The type that an object says it is of.
    func resource(of object: JSONValue) -> KubeType? {
        let kind = object["kind"]?.text
        let version = object["apiVersion"]?.text
        return shelves.values.first { $0.resource.kind == kind && $0.resource.apiVersion == version }?.resource
    }

    // MARK: writing

    /// Adds an object. Its name must be there or asked for with `generateName`; a uid and a creation time that it brings are kept.
    mutating func create(
        _ object: JSONValue, of resource: KubeType, in namespace: String, at now: Date
    ) throws(KubeRefusal) -> KubeEntry {
        var object = object
        var metadata = object["metadata"] ?? [:]
        var chance = SeededGenerator(named: "\(resource.name)/\(revision)", seed: seed)
        let prefix = metadata["generateName"]?.text ?? ""
        var name = metadata["name"]?.text ?? ""
        if name.isEmpty, !prefix.isEmpty { name = prefix + Self.suffix(&chance) }
        guard !name.isEmpty else {
            throw .invalid(
                resource.kind, "", field: "metadata.name", "Required value: name or generateName is required")
        }
        let key = KubeEntry.Key(namespace: namespace, name: name)
        guard shelves[resource.name]?.entries[key] == nil else { throw .alreadyExists(resource, name) }
        if !namespace.isEmpty, let namespaces = shelves["namespaces"],
            namespaces.entries[KubeEntry.Key(namespace: "", name: namespace)] == nil
        {
            throw .notFound(namespaces.resource, namespace)
        }
        metadata["name"] = .text(name)
        metadata["namespace"] = namespace.isEmpty ? nil : .text(namespace)
        if metadata["uid"]?.text == nil { metadata["uid"] = .text(chance.identifier()) }
        if metadata["creationTimestamp"]?.text == nil { metadata["creationTimestamp"] = .time(now) }
        metadata["generation"] = resource.isBuiltIn ? nil : 1
        object["metadata"] = metadata
        object["kind"] = .text(resource.kind)
        object["apiVersion"] = .text(resource.apiVersion)
        if resource.name == "namespaces" { object = Self.namespace(object, name) }
        return keep(object, at: key, of: resource, written: now)
    }

    /// Puts a new state in the place of an object: all of it but what is the server's own.
    ///
    /// - Returns: the same entry if nothing is different; nil if it is gone, because its last finalizer is.
    mutating func replace(
        _ key: KubeEntry.Key, with object: JSONValue, of resource: KubeType, at now: Date
    ) throws(KubeRefusal) -> KubeEntry? {
        guard let old = shelves[resource.name]?.entries[key] else { throw .notFound(resource, key.name) }
        var object = object
        var metadata = object["metadata"] ?? [:]
        let kept = old.value["metadata"] ?? [:]
        if let asked = metadata["resourceVersion"]?.text, !asked.isEmpty, asked != kept["resourceVersion"]?.text {
            throw .conflict(resource, key.name)
        }
        if let uid = metadata["uid"]?.text, !uid.isEmpty, uid != kept["uid"]?.text {
            throw .conflict(resource, key.name)
        }
        for own in ["name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion"] {
            metadata[own] = kept[own]
        }
        for own in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
            metadata[own] = kept[own] ?? metadata[own]
        }
        object["metadata"] = metadata
        object["kind"] = old.value["kind"]
        object["apiVersion"] = old.value["apiVersion"]
        if metadata["deletionTimestamp"] != nil, (metadata["finalizers"]?.list ?? []).isEmpty {
            remove(key, of: resource)
            collect(from: old.value, at: now)
            return nil
        }
        guard object != old.value else { return old }
        let begins = metadata["deletionTimestamp"] != nil && kept["deletionTimestamp"] == nil
        if let generation = kept["generation"]?.whole, begins || Self.wish(object) != Self.wish(old.value) {
            metadata["generation"] = .whole(generation + 1)
            object["metadata"] = metadata
        }
        return keep(object, at: key, of: resource, written: now)
    }

    /// Deletes an object, or marks it as being deleted while it has finalizers. What it owns goes when it is gone.
    ///
    /// - Parameter orphaning: leaves what it owns, if it goes at once.
    /// - Returns: the object if it stays for now, nil if it is gone.
    mutating func delete(
        _ key: KubeEntry.Key, of resource: KubeType, orphaning: Bool = false, at now: Date
    ) throws(KubeRefusal) -> KubeEntry? {
        guard let entry = shelves[resource.name]?.entries[key] else { throw .notFound(resource, key.name) }
        guard !(entry.value.at("metadata", "finalizers")?.list ?? []).isEmpty else {
            remove(key, of: resource)
            if resource.name == "namespaces" { empty(key.name) }
            if !orphaning { collect(from: entry.value, at: now) }
            return nil
        }
        guard entry.value.at("metadata", "deletionTimestamp") == nil else { return entry }
        var object = entry.value
        var metadata = object["metadata"] ?? [:]
        metadata["deletionTimestamp"] = .time(now)
        metadata["deletionGracePeriodSeconds"] = 0
        object["metadata"] = metadata
        return try replace(key, with: object, of: resource, at: now)
    }

    /// Removes an object whatever holds it, and nothing else.
    mutating func remove(_ key: KubeEntry.Key, of resource: KubeType) {
        guard let entry = shelves[resource.name]?.entries[key] else { return }
        revision += 1
        shelves[resource.name]?.remove(key, revision: revision)
        owners.note(resource.name, key, from: entry.value, to: nil)
        if hasListeners { news.append(News(resource: resource, object: entry.value, isDeletion: true)) }
    }

    /// All that has happened since this was last asked, in order.
    mutating func takeNews() -> [News] {
        defer { news = [] }
        return news
    }

    /// Removes what has lived for its time.
    mutating func sweep(at now: Date) {
        guard shelves.values.contains(where: { $0.firstEnd <= now }) else { return }
        for name in shelves.keys.sorted() {
            for key in shelves[name]?.ended(by: now) ?? [] {
                revision += 1
                shelves[name]?.remove(key, revision: revision)
            }
        }
    }

    /// Forgets what has changed. The count moves on, as if something else had been written: so nobody can go on from before.
    mutating func forgetChanges() {
        revision += 1
        for name in shelves.keys { shelves[name]?.forget(upTo: revision) }
    }

    // MARK: inside

    private mutating func keep(
        _ object: JSONValue, at key: KubeEntry.Key, of resource: KubeType, written now: Date
    ) -> KubeEntry {
        revision += 1
        var object = object
        var metadata = object["metadata"] ?? [:]
        metadata["resourceVersion"] = .text(String(revision))
        object["metadata"] = metadata
        owners.note(resource.name, key, from: shelves[resource.name]?.entries[key]?.value, to: object)
        if hasListeners { news.append(News(resource: resource, object: object, isDeletion: false)) }
        shelves[resource.name]?.put(object, at: key, revision: revision, written: now)
        return shelves[resource.name]?.entries[key] ?? KubeEntry(object, revision: revision, of: resource)
    }

    /// All that is in a namespace goes with it.
    private mutating func empty(_ namespace: String) {
        for name in shelves.keys.sorted() {
            guard let shelf = shelves[name] else { continue }
            for key in shelf.entries.keys.filter({ $0.namespace == namespace }).sorted() {
                remove(key, of: shelf.resource)
            }
        }
    }

    /// What an object that is gone has owned goes too, if nobody else owns it: the real server's garbage collection, without its delay.
    private mutating func collect(from owner: JSONValue, at now: Date) {
        guard let uid = owner.at("metadata", "uid")?.text else { return }
        for (name, key) in owners.owned(by: uid) {
            guard let shelf = shelves[name], let entry = shelf.entries[key],
                !(entry.value.at("metadata", "ownerReferences")?.list ?? []).contains(where: {
                    $0["uid"]?.text != uid && isThere($0, near: key)
                })
            else { continue }
            // Only what is not there any more could be refused.
            _ = try? delete(key, of: shelf.resource, at: now)
        }
    }

    /// Whether the object that a reference names is there; an owner is in the same namespace or in none.
    private func isThere(_ reference: JSONValue, near key: KubeEntry.Key) -> Bool {
        guard let resource = resource(of: reference) else { return false }
        let place = KubeEntry.Key(
            namespace: resource.isNamespaced ? key.namespace : "", name: reference["name"]?.text ?? "")
        return shelves[resource.name]?.entries[place]?.value.at("metadata", "uid") == reference["uid"]
    }

    /// The part of an object whose changes count as generations.
    private static func wish(_ object: JSONValue) -> JSONValue {
        var object = object
        object["metadata"] = nil
        object["status"] = nil
        return object
    }

    private static func namespace(_ object: JSONValue, _ name: String) -> JSONValue {
        object.merged(with: [
            "metadata": ["labels": ["kubernetes.io/metadata.name": .text(name)]],
            "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
        ])
    }

    /// Five letters of those that the real server takes, which make no words.
    private static func suffix(_ chance: inout SeededGenerator) -> String {
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<5).map { _ in letters[Int(chance.next() % UInt64(letters.count))] })
    }
}

extension JSONValue {
    /// As Kubernetes writes times into objects: whole seconds, UTC.
    static func time(_ date: Date) -> JSONValue {
        .text(WireTime.naiveText(Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))) + "Z")
    }
}
