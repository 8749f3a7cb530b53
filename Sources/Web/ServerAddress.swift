#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where a server listens.
public enum ServerAddress: Sendable, Equatable, CustomStringConvertible {
    /// Port 0 takes any free one.
    case tcp(host: String, port: Int)
    /// A socket in the file system; its folder decides who may connect.
    case unix(path: String)

    /// Whether only this machine can reach it.
    public var isLocal: Bool {
        switch self {
        case .unix: return true
        case .tcp(let host, _):
            if host == "localhost" || host == "::1" { return true }
            // Only whole addresses count: a name such as `127.evil.example` is not loopback.
            var address = in_addr()
            return host.hasPrefix("127.") && inet_pton(AF_INET, host, &address) == 1
        }
    }

    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
