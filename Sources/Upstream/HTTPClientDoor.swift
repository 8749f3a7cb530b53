import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// The real HTTP door: one service, a pool of kept connections, TLS with the system's or an own CA.
public final class HTTPClientDoor: HTTPStreamDoor {
    private let base: String
    /// What sentences call it.
    private let name: String
    private let client: HTTPClient
    private let token: BearerToken?
    private let environment: [String: String]

    /// - Parameters:
    ///   - base: `http://host:8080`, `https://host/prefix`, or `http+unix://%2Fpath%2Fto.sock`.
    ///   - certificateAuthority: path of a PEM file that is trusted instead of the system's authorities.
    ///   - name: what sentences call the service; its address without it.
    ///   - connections: how many are kept open at once; an answer that goes on holds one.
    /// - Throws: `UpstreamProblem` for an address or a CA file that cannot be used.
    public init(
        base: String, token: BearerToken? = nil, certificateAuthority: String? = nil, name: String? = nil,
        connections: Int = 4,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(UpstreamProblem) {
        guard Self.isUsable(base) else {
            throw UpstreamProblem(
                .misconfigured, "\(Self.withoutUser(base)) is not an address that can be asked.",
                advice: "Write it as http://HOST:PORT or https://HOST.")
        }
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.name = name ?? self.base
        self.token = token
        self.environment = environment
        var configuration = HTTPClient.Configuration()
        // How long an answer may take is watched here, for each question by itself.
        configuration.timeout = .init(connect: .seconds(5))
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // A refused connection is an answer for us: we have a backoff of our own.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        if let certificateAuthority {
            var tls = TLSConfiguration.makeClientConfiguration()
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificateAuthority))
            } catch {
                throw UpstreamProblem(
                    .misconfigured, "The CA file \(certificateAuthority) cannot be read as PEM.",
                    advice: "Point `ca` to a file with the authority's certificate.")
            }
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Whether an address can be asked: a scheme that is spoken and a host; no user, for passwords do not belong there, and no query.
    public static func isUsable(_ base: String) -> Bool {
        guard let url = URL(string: base), let scheme = url.scheme, ["http", "https", "http+unix"].contains(scheme)
        else { return false }
        return url.host?.isEmpty == false && url.user == nil && url.query == nil
    }

    /// An address as it may be shown: what stands before an `@` could be a password.
    public static func withoutUser(_ base: String) -> String {
        guard let at = base.lastIndex(of: "@") else { return base }
        let start = base.range(of: "://")?.upperBound ?? base.startIndex
        return start <= at ? base[..<start] + "…" + base[at...] : base
    }

    /// Ends all connections. Nothing may be asked afterwards.
    public func close() async { try? await client.shutdown() }

    public func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        let request = try request(for: question)
        do {
            return try await answer(to: request, question)
        } catch {
            let problem = self.problem(error, question)
            // A kept connection may have been closed by the other side just when it was used again; that is no trouble of the service.
            guard problem.reason == .cut, question.method == "GET", !Task.isCancelled else { throw problem }
        }
        do {
            return try await answer(to: request, question)
        } catch {
            throw self.problem(error, question)
        }
    }

    private func request(for question: HTTPQuestion) throws(UpstreamProblem) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + question.target)
        request.method = HTTPMethod(rawValue: question.method)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "slipway")
        // A socket has no host to name, but HTTP wants one, and kubectl's proxy takes only its own machine for it.
        if base.hasPrefix("http+unix:") { request.headers.add(name: "Host", value: "localhost") }
        for (name, value) in question.headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let token {
            request.headers.replaceOrAdd(
                name: "Authorization", value: "Bearer \(try token.read(environment: environment))")
        }
        if let body = question.body { request.body = .bytes(ByteBuffer(bytes: body)) }
        return request
    }

    public func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        let request = try request(for: question)
        let client = self.client
        let silence = Silence()
        do {
            return try await withThrowingTaskGroup(of: HTTPReply?.self) { group in
                group.addTask {
                    let response = try await client.execute(
                        request, deadline: .now() + .seconds(Int64(question.deadline)))
                    silence.isBroken()
                    var reply = HTTPReply(status: Int(response.status.code))
                    for header in response.headers { reply.headers[header.name.lowercased()] = header.value }
                    guard (200..<300).contains(reply.status) else {
                        reply.body = Data(try await response.body.collect(upTo: question.bodyLimit).readableBytesView)
                        return reply
                    }
                    await opened()
                    var lines = LineSplitter(limit: question.bodyLimit)
                    for try await piece in response.body {
                        silence.isBroken()
                        try lines.take(piece)
                        while let line = lines.next() { await take(line) }
                        // Time that the reader took is not the other side's silence.
                        silence.isBroken()
                    }
                    if let line = lines.last() { await take(line) }
                    return reply
                }
                group.addTask {
                    try await silence.lasts(patience)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let reply = first else {
                    throw HTTPClientError.readTimeout
                }
                return reply
            }
        } catch let error as UpstreamProblem {
            throw error
        } catch {
            throw problem(error, question, silence: patience)
        }
    }

    /// The client's own deadline ends with the head of an answer; a body that drips must be stopped from outside.
    private func answer(to request: HTTPClientRequest, _ question: HTTPQuestion) async throws -> HTTPReply {
        let client = self.client
        return try await withThrowingTaskGroup(of: HTTPReply?.self) { group in
            group.addTask {
                let response = try await client.execute(request, deadline: .now() + .seconds(Int64(question.deadline)))
                let body = try await response.body.collect(upTo: question.bodyLimit)
                var headers: [String: String] = [:]
                for header in response.headers { headers[header.name.lowercased()] = header.value }
                return HTTPReply(
                    status: Int(response.status.code), headers: headers, body: Data(body.readableBytesView))
            }
            group.addTask {
                try await Task.sleep(nanoseconds: UInt64(question.deadline * 1e9))
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let reply = first else { throw HTTPClientError.deadlineExceeded }
            return reply
        }
    }

    private func problem(_ error: any Error, _ question: HTTPQuestion, silence: Double? = nil) -> UpstreamProblem {
        if let error = error as? HTTPClientError {
            if let silence, error == .readTimeout {
                return UpstreamProblem(
                    .timedOut, "\(name) has been silent for \(Int(silence)) s.",
                    advice: "It hangs or the way to it is broken; it is asked again.")
            }
            if [.deadlineExceeded, .readTimeout, .connectTimeout].contains(error) {
                return UpstreamProblem(
                    .timedOut, "\(name) did not answer within \(Int(question.deadline)) s.",
                    advice: "It is slow or hangs; it is asked again.")
            }
            if error == .remoteConnectionClosed { return cut }
        }
        if error is NIOTooManyBytesError {
            return UpstreamProblem(
                .tooLarge(question.bodyLimit), "\(name) sent more than \(question.bodyLimit >> 20) MB.",
                advice: "Check that the address is that of a status API.")
        }
        if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            return UpstreamProblem(
                .untrusted, "The certificate of \(name) is not trusted.",
                advice: "Name its authority with `ca: FILE` in the config.")
        }
        if error is HTTPParserError { return cut }
        if let error = error as? IOError, [ECONNRESET, EPIPE].contains(error.errnoCode) { return cut }
        if error is CancellationError {
            return UpstreamProblem(.cut, "The question was given up.", advice: "Nothing is to be done.")
        }
        return UpstreamProblem(
            .unreachable, "\(name) cannot be reached.", advice: "Check that it runs and that its address is right.")
    }

    private var cut: UpstreamProblem {
        UpstreamProblem(.cut, "\(name) closed the connection in the middle of an answer.", advice: "It is asked again.")
    }
}
