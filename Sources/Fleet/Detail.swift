/// What only one kind of item has. Indirect, because items are copied and compared a lot and their details rarely differ.
public indirect enum Detail: Sendable, Equatable {
    case none
    case metal(MetalDetail)
    case cluster(ClusterDetail)
    case deployment(DeploymentDetail)
    case pool(PoolDetail)
    case image(ImageDetail)

    /// The detail object carries no tag of its own: the item's `kind` says what it is.
    init<Key: CodingKey>(kind: Kind, in box: KeyedDecodingContainer<Key>, forKey key: Key) throws {
        switch kind {
        case .metal: self = try box.decodeIfPresent(MetalDetail.self, forKey: key).map(Detail.metal) ?? .none
        case .cluster: self = try box.decodeIfPresent(ClusterDetail.self, forKey: key).map(Detail.cluster) ?? .none
        case .deployment:
            self = try box.decodeIfPresent(DeploymentDetail.self, forKey: key).map(Detail.deployment) ?? .none
        case .pool: self = try box.decodeIfPresent(PoolDetail.self, forKey: key).map(Detail.pool) ?? .none
        case .image: self = try box.decodeIfPresent(ImageDetail.self, forKey: key).map(Detail.image) ?? .none
        }
    }

    func encode<Key: CodingKey>(in box: inout KeyedEncodingContainer<Key>, forKey key: Key) throws {
        switch self {
        case .none: break
        case .metal(let detail): try box.encode(detail, forKey: key)
        case .cluster(let detail): try box.encode(detail, forKey: key)
        case .deployment(let detail): try box.encode(detail, forKey: key)
        case .pool(let detail): try box.encode(detail, forKey: key)
        case .image(let detail): try box.encode(detail, forKey: key)
        }
    }
}
