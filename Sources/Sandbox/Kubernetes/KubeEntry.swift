import Fleet
import Synchronization
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One state of one object, with its text, which is made when it is first asked for: most states of a world that catches up are never seen.
final class KubeEntry: Sendable {
    /// Where an object stands among those of its type.
    struct Key: Hashable, Comparable, Sendable {
        /// Empty for what has none.
        var namespace: String
        var name: String

        static func < (left: Key, right: Key) -> Bool { (left.namespace, left.name) < (right.namespace, right.name) }
    }

    let value: JSONValue
    let revision: Int
    private let isBuiltIn: Bool
    private let cache = Mutex<Data?>(nil)

    init(_ value: JSONValue, revision: Int, of resource: KubeType) {
        self.value = value
        self.revision = revision
        isBuiltIn = resource.isBuiltIn
    }

    /// As it stands in a list: without kind and version for what is built into the API server.
    var listed: Data {
        cache.withLock { cache in
            if let cache { return cache }
            var bare = value
            if isBuiltIn {
                bare["kind"] = nil
                bare["apiVersion"] = nil
            }
            let data = bare.data
            cache = data
            return data
        }
    }

    /// As it stands alone and in the frames of a watch.
    var text: Data {
        guard isBuiltIn else { return listed }
        let kind = value["kind"]?.text ?? ""
        let version = value["apiVersion"]?.text ?? ""
        return Data("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(version)\",".utf8) + listed.dropFirst()
    }
}
