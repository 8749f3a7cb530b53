import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How controllers read and write objects: past all rights, and at a date of their own.
extension KubeStore {
    func object(_ ref: KubeVirtRef) -> JSONValue? { object(ref.kind.rawValue, ref.namespace, ref.name) }

    func object(_ type: String, _ namespace: String, _ name: String) -> JSONValue? {
        shelves[type]?.entries[KubeEntry.Key(namespace: namespace, name: name)]?.value
    }

    /// All objects of a kind in a namespace, by their names.
    func objects(_ kind: KubeVirtKind, in namespace: String) -> [JSONValue] {
        (shelves[kind.rawValue]?.entries ?? [:]).filter { $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }.map(\.value.value)
    }

    /// Changes an object if it is there. What is left as it was is not written.
    mutating func change(
        _ type: String, _ namespace: String, _ name: String, at now: Date, _ body: (inout JSONValue) -> Void
    ) {
        guard let resource = shelves[type]?.resource, var object = object(type, namespace, name) else { return }
        body(&object)
        // Nothing can be refused: the revision is the newest.
        _ = try? replace(
            KubeEntry.Key(namespace: namespace, name: name), with: object, of: resource, at: now)
    }

    mutating func change(_ ref: KubeVirtRef, at now: Date, _ body: (inout JSONValue) -> Void) {
        change(ref.kind.rawValue, ref.namespace, ref.name, at: now, body)
    }

    /// Adds an object of a registered type, unless one of its name is there or its namespace is not.
    mutating func add(_ object: JSONValue, at now: Date) {
        guard let resource = resource(of: object) else { return }
        _ = try? create(object, of: resource, in: object.at("metadata", "namespace")?.text ?? "", at: now)
    }

    /// Deletes an object as a user would: it stays while it has finalizers, and takes what it owns with it.
    mutating func drop(_ type: String, _ namespace: String, _ name: String, at now: Date) {
        guard let resource = shelves[type]?.resource else { return }
        _ = try? delete(KubeEntry.Key(namespace: namespace, name: name), of: resource, at: now)
    }

    mutating func drop(_ ref: KubeVirtRef, at now: Date) {
        drop(ref.kind.rawValue, ref.namespace, ref.name, at: now)
    }
}

extension JSONValue {
    /// A new object of one of KubeVirt's kinds.
    init(
        _ kind: KubeVirtKind, _ namespace: String, _ name: String, labels: JSONValue? = nil,
        owner: JSONValue? = nil, members: [String: JSONValue]
    ) {
        var metadata: JSONValue = ["name": .text(name), "namespace": .text(namespace)]
        metadata["labels"] = labels
        metadata["ownerReferences"] = owner.map { [$0.asOwner] }
        self = .object(members)
        self["kind"] = .text(kind.kind)
        self["apiVersion"] = .text(kind.apiVersion)
        self["metadata"] = metadata
    }
}
