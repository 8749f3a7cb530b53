import Fleet
import Upstream

/// Which objects belong to which, by the `ownerReferences` that they carry.
struct KubeOwners: Sendable {
    private struct Place: Hashable {
        var resource: String
        var key: KubeEntry.Key
    }

    /// By the uid of the owner.
    private var owned: [String: Set<Place>] = [:]

    /// Takes note that an object has changed, come or gone.
    mutating func note(_ resource: String, _ key: KubeEntry.Key, from old: JSONValue?, to new: JSONValue?) {
        let before = old.map(Self.uids) ?? []
        let after = new.map(Self.uids) ?? []
        guard before != after else { return }
        let place = Place(resource: resource, key: key)
        for uid in before.subtracting(after) {
            owned[uid]?.remove(place)
            if owned[uid]?.isEmpty == true { owned[uid] = nil }
        }
        for uid in after.subtracting(before) { owned[uid, default: []].insert(place) }
    }

    /// Forgets all objects of a type.
    mutating func forget(_ resource: String) {
        owned = owned.mapValues { $0.filter { $0.resource != resource } }.filter { !$0.value.isEmpty }
    }

    /// Type and place of all that names this owner, in the order of their names.
    func owned(by uid: String) -> [(resource: String, key: KubeEntry.Key)] {
        (owned[uid] ?? []).sorted { ($0.resource, $0.key) < ($1.resource, $1.key) }.map { ($0.resource, $0.key) }
    }

    private static func uids(of object: JSONValue) -> Set<String> {
        guard let references = object.at("metadata", "ownerReferences")?.list else { return [] }
        return Set(references.compactMap { $0["uid"]?.text })
    }
}
