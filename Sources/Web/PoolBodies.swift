import ClusterPool

/// The bodies that the pool's routes take. Unknown fields are left alone; a field of another type is refused by its name.
enum PoolBodies {
    /// `POST /api/v1/pool/assign`
    struct Assign: Decodable {
        var session: String
        var cluster: String?
        /// Seconds; nil leaves it to the pool, 0 has no end.
        var life: Double?

        private enum CodingKeys: String, CodingKey {
            case session = "sessionId"
            case cluster = "clusterId"
            case minutes
        }

        init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            guard let session = try box.posted(String.self, .session, "a text") else {
                throw WebFault(.badRequest, "Missing required field: sessionId")
            }
            self.session = session
            cluster = try box.posted(String.self, .cluster, "a text")
            life = try box.minutes(.minutes)
        }
    }

    /// `POST /api/v1/pool/release`: of a session, or of whoever holds a cluster.
    enum Release: Decodable {
        case session(String)
        case cluster(String)

        private enum CodingKeys: String, CodingKey {
            case session = "sessionId"
            case cluster = "clusterId"
        }

        init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            let session = try box.posted(String.self, .session, "a text")
            let cluster = try box.posted(String.self, .cluster, "a text")
            switch (session, cluster) {
            case (let session?, nil): self = .session(session)
            case (nil, let cluster?): self = .cluster(cluster)
            case (nil, nil): throw WebFault(.badRequest, "Missing required field: sessionId or clusterId")
            case (_?, _?): throw WebFault(.badRequest, "Send sessionId or clusterId, not both.")
            }
        }
    }

    /// `PUT /api/v1/sessions/{id}/extend`; the default is the existing backend's (wire-formats 9.1).
    struct Extend: Decodable {
        static let usual: Double = 1800

        /// Seconds from now.
        var life: Double = usual

        private enum CodingKeys: String, CodingKey { case minutes }

        init() {}

        init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            life = try box.minutes(.minutes) ?? Self.usual
        }
    }

    /// The admin routes that work on several clusters.
    struct Several: Decodable {
        /// Nil for all.
        var clusters: [String]?
        /// What is there in these may be destroyed.
        var replace: Set<String> = []

        private enum CodingKeys: String, CodingKey { case clusters, replace }

        init() {}

        init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            clusters = try box.names(.clusters)
            replace = Set(try box.names(.replace) ?? [])
            guard clusters?.isEmpty != true else { throw WebFault(.badRequest, "clusters must not be empty.") }
            if let clusters, let stray = replace.subtracting(clusters).min() {
                throw WebFault(.badRequest, "replace names \(stray), which is not among clusters.")
            }
        }
    }
}

extension KeyedDecodingContainer {
    /// Minutes, as seconds.
    fileprivate func minutes(_ key: Key) throws -> Double? {
        guard let minutes = try posted(Int.self, key, "a whole number of minutes") else { return nil }
        guard minutes >= 0 else { throw WebFault(.badRequest, "\(key.stringValue) must not be below 0.") }
        return Double(minutes) * 60
    }

    fileprivate func names(_ key: Key) throws -> [String]? {
        guard let names = try posted([String].self, key, "a list of clusters' names") else { return nil }
        do throws(PoolRefusal) {
            for name in names { try PoolNames.check(cluster: name) }
        } catch {
            throw WebFault(.badRequest, "\(key.stringValue): \(error.sentence)", advice: error.advice)
        }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
