import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Something that a controller of the sandbox writes: dated by its own script, and past all rights and conflicts.
public struct KubeWrite: Sendable, Equatable {
    public enum Deed: Sendable, Equatable {
        /// Makes an object, or puts this state in the place of the one that is there, status included.
        case put(JSONValue)
        /// Takes an object away, whatever finalizers it has, and nothing that it owns. Its kind, version, namespace and name are enough.
        case remove(JSONValue)
    }

    public var at: Date
    public var deed: Deed

    public init(at: Date, _ deed: Deed) {
        self.at = at
        self.deed = deed
    }
}

extension SandboxKubernetes {
    /// Writes in the order given. What lives for a limited time ends in between, at its own date; objects of types that are not
    /// there are left out.
    public func write(_ writes: [KubeWrite]) {
        settle()
        for write in writes {
            store.sweep(at: write.at)
            switch write.deed {
            case .put(let object): put(object, at: write.at)
            case .remove(let object):
                guard let resource = store.resource(of: object) else { continue }
                store.remove(Self.key(of: object, resource), of: resource)
            }
        }
        tellControllers()
        wakeAll()
    }

    /// All objects of a type, by namespace and name.
    ///
    /// - Parameter name: qualified by the group: `clusterdeployments.k0rdent.mirantis.com`.
    public func objects(of name: String) -> [JSONValue] {
        (store.shelves[name]?.entries ?? [:]).sorted { $0.key < $1.key }.map(\.value.value)
    }

    private func put(_ object: JSONValue, at date: Date) {
        guard let resource = store.resource(of: object) else { return }
        let key = Self.key(of: object, resource)
        if store.shelves[resource.name]?.entries[key] == nil {
            // Only a name or a namespace that is missing is refused here, and a controller that runs late must bear that.
            _ = try? store.create(object, of: resource, in: key.namespace, at: date)
        } else {
            _ = try? store.replace(key, with: object, of: resource, at: date)
        }
    }

    private static func key(of object: JSONValue, _ resource: KubeType) -> KubeEntry.Key {
        KubeEntry.Key(
            namespace: resource.isNamespaced ? object.at("metadata", "namespace")?.text ?? "" : "",
            name: object.at("metadata", "name")?.text ?? "")
    }
}
