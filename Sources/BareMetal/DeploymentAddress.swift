#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An IPv4 or IPv6 address in its one canonical spelling, so that two spellings of an address are the same node.
public struct DeploymentAddress: Sendable, Hashable {
    /// `10.240.0.11`, `2001:db8::1`.
    public let text: String

    /// - Returns: nil for anything but a plain address: no name, no port, no mask, no zone.
    public init?(_ text: String) {
        // The longest spelling, an IPv6 address with an embedded IPv4 one, has 45 characters.
        guard (2...45).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            guard let canonical = Self.spelling(AF_INET, &four) else { return nil }
            self.text = canonical
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1, let canonical = Self.spelling(AF_INET6, &six) else { return nil }
        self.text = canonical
    }

    private static func spelling(_ family: Int32, _ address: UnsafeRawPointer) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, address, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
