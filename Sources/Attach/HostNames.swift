import Fleet

/// What hosts are called on the screen and in the names of their items.
public enum HostNames {
    /// - Parameter hosts: as a person typed them: `ops`, `me@ops.example.org`, `ssh://me@ops:2222`.
    /// - Returns: the shortest part of each that tells it from the others, without a slash; in the same order.
    public static func short(_ hosts: [String]) -> [String] {
        for shorten in [first, host] {
            let names = hosts.map(shorten)
            if Set(names).count == names.count, !names.contains("") { return names }
        }
        var seen: [String: Int] = [:]
        return hosts.map { text in
            let name = safe(text)
            seen[name, default: 0] += 1
            let count = seen[name] ?? 1
            return count == 1 ? name : "\(name)#\(count)"
        }
    }

    /// The host without user, port and domain. Numbers with points between them are no domain.
    private static func first(_ text: String) -> String {
        let host = host(text)
        let isAddress = host.utf8.allSatisfy { !($0 >= 0x41 && $0 <= 0x7A) } || host.contains(":")
        return isAddress ? host : String(host.prefix { $0 != "." })
    }

    private static func host(_ text: String) -> String {
        guard text.hasPrefix("ssh://") else { return safe(String(text.split(separator: "@").last ?? "")) }
        let place = text.dropFirst(6).prefix { $0 != "/" }
        let host = place.split(separator: "@").last ?? ""
        // In a URL a port follows; an IPv6 address is in brackets.
        if let end = host.firstIndex(of: "]") { return safe(String(host[..<end].dropFirst())) }
        return safe(String(host.prefix { $0 != ":" }))
    }

    private static func safe(_ text: String) -> String {
        SafeText.line(String(text.map { $0 == "/" ? "-" : $0 }), limit: 60)
    }
}
