import Fleet

/// What `/` looks at.
enum FilterText {
    /// The words of a filter, made ready once for all items: bytes in lower case, and whether they must be absent.
    struct Words: Sendable {
        fileprivate let words: [(bytes: [UInt8], isAbsent: Bool)]

        init(_ filter: String) {
            words = filter.split(separator: " ").map { word in
                let isAbsent = word.first == "!" && word.count > 1
                return ((isAbsent ? word.dropFirst() : word).utf8.map(FilterText.lower), isAbsent)
            }
        }
    }

    /// Whether an item contains the words, all of them, in any case. `!word` asks that it does not contain the word.
    static func matches(_ item: Item, _ filter: Words) -> Bool {
        filter.words.allSatisfy { contains(item, $0.bytes) != $0.isAbsent }
    }

    private static func contains(_ item: Item, _ word: [UInt8]) -> Bool {
        if holds(item.name, word) || holds(item.word, word) || holds(item.state.rawValue, word)
            || holds(item.source.text, word)
        {
            return true
        }
        if let profile = item.profile, holds(profile, word) { return true }
        switch item.detail {
        case .metal(let detail):
            return holds(detail.managementIP ?? "", word) || holds(detail.clusterRole ?? "", word)
                || holds(detail.message, word)
        case .cluster(let detail):
            let node = detail.headNode
            return [
                detail.region, detail.stackStatus, detail.scheduler, detail.version, detail.fleetStatus,
                detail.failureCode, node?.instanceID, node?.publicIP, node?.privateIP,
            ].contains { $0.map { holds($0, word) } ?? false }
        case .deployment(let detail):
            return [
                detail.namespace, detail.template, detail.provider, detail.region, detail.credential,
                detail.kubernetesVersion,
            ].contains { $0.map { holds($0, word) } ?? false }
        case .pool(let detail):
            return [detail.namespace, detail.context, detail.session?.id, detail.session?.scenario]
                .contains { $0.map { holds($0, word) } ?? false }
        case .image(let detail):
            return [
                detail.template, detail.builder, detail.region, detail.imageID, detail.imageName,
                detail.origin.rawValue,
                detail.current?.spec,
            ].contains { $0.map { holds($0, word) } ?? false } || detail.packages.contains { holds($0.spec, word) }
        case .none: return false
        }
    }

    /// Whether `text` contains `word`; ASCII letters in any case. Bytes, because thousands of rows are asked at each key.
    private static func holds(_ text: String, _ word: [UInt8]) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard let first = word.first else { return true }
            guard bytes.count >= word.count else { return false }
            for start in 0...bytes.count - word.count where lower(bytes[start]) == first {
                if word.indices.allSatisfy({ lower(bytes[start + $0]) == word[$0] }) { return true }
            }
            return false
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}
