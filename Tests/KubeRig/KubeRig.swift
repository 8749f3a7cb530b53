import Foundation
import Hummingbird
import Logging
import NIOCore
import Sandbox
import Synchronization
import Upstream

/// Serves the sandbox's Kubernetes API over real HTTP on loopback, so that the real kubectl can be put in front of it. Each user has a port of
/// its own: kubectl sends no credentials over plain HTTP.
public struct KubeRig: Sendable {
    /// The folder with the kubeconfig; it is removed at the end.
    public let folder: URL
    public var kubeconfig: String { folder.appendingPathComponent("kubeconfig").path }
    /// The port of each context.
    public let ports: [String: Int]

    /// How the server misbehaves, beyond what the API behind the door does.
    public enum Fault: Sendable, Equatable {
        /// Every answer takes for ever.
        case hangs
        /// Streams break off in the middle of a line, now and from now on; other answers too.
        case cuts
    }

    private let fault: Faults

    private final class Faults: Sendable {
        let present = Mutex<Fault?>(nil)
        let breaks = Mutex<[UUID: @Sendable () -> Void]>([:])
    }

    public func set(_ fault: Fault?) {
        self.fault.present.withLock { $0 = fault }
        guard fault != nil else { return }
        for end in self.fault.breaks.withLock({ Array($0.values) }) { end() }
    }

    /// Serves the API while `body` runs.
    ///
    /// - Parameter users: the user of each context.
    public static func serving(
        _ api: SandboxKubernetes, users: [String: String], _ body: @escaping @Sendable (KubeRig) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kube-rig-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let faults = Faults()
        try await withThrowingTaskGroup(of: Void.self) { group in
            var ports: [String: Int] = [:]
            for (context, user) in users {
                let (running, told) = AsyncStream.makeStream(of: Int.self)
                group.addTask { try await serve(api, user, faults) { told.yield($0) } }
                for await port in running {
                    ports[context] = port
                    break
                }
            }
            let rig = KubeRig(folder: folder, ports: ports, fault: faults)
            try rig.writeKubeconfig()
            do {
                try await body(rig)
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    private func writeKubeconfig() throws {
        var text = "apiVersion: v1\nkind: Config\nclusters:\n"
        let names = ports.keys.sorted()
        for name in names {
            text += "- {name: \(name), cluster: {server: \"http://127.0.0.1:\(ports[name] ?? 0)\"}}\n"
        }
        text += "users:\n- {name: nobody, user: {}}\ncontexts:\n"
        for name in names {
            text += "- {name: \(name), context: {cluster: \(name), user: nobody, namespace: team-a}}\n"
        }
        text += "current-context: \(names.first ?? "")\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: kubeconfig))
    }

    private static func serve(
        _ api: SandboxKubernetes, _ user: String, _ faults: Faults, onRunning: @escaping @Sendable (Int) -> Void
    ) async throws {
        var logger = Logger(label: "kube-rig")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                try await respond(to: request, api, user, faults)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { onRunning($0.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }

    private static func respond(
        to request: Request, _ api: SandboxKubernetes, _ user: String, _ faults: Faults
    ) async throws -> Response {
        if faults.present.withLock({ $0 == .hangs }) { try await Task.sleep(for: .seconds(600)) }
        let body = try await request.body.collect(upTo: 8 << 20)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.rawName.lowercased()] = field.value }
        let question = HTTPQuestion(
            method: request.method.rawValue, target: request.uri.description, headers: headers,
            body: body.readableBytes > 0 ? Data(body.readableBytesView) : nil, deadline: 60)
        let isWatch = request.uri.query?.contains("watch=") ?? false
        if isWatch { return try await stream(question, api, user, faults) }
        let reply = try await api.door(user: user).ask(question)
        if faults.present.withLock({ $0 == .cuts }) { return cut(reply.body) }
        return response(reply)
    }

    private static func response(_ reply: HTTPReply) -> Response {
        var response = Response(
            status: .init(code: reply.status), body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
        response.headers[.contentType] = reply.headers["content-type"] ?? "application/json"
        return response
    }

    private struct Broken: Error {}

    private static func cut(_ body: Data) -> Response {
        var response = Response(
            status: .ok,
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(bytes: body.prefix(body.count / 2)))
                throw Broken()
            })
        response.headers[.contentType] = "application/json"
        return response
    }

    private enum Part: Sendable { case opened, line(Data), end(HTTPReply), broken }

    private static func stream(
        _ question: HTTPQuestion, _ api: SandboxKubernetes, _ user: String, _ faults: Faults
    ) async throws -> Response {
        let (parts, tell) = AsyncStream.makeStream(of: Part.self)
        let id = UUID()
        faults.breaks.withLock { $0[id] = { tell.yield(.broken) } }
        let following = Task {
            do {
                let reply = try await api.door(user: user).follow(
                    question, patience: 3600, opened: { tell.yield(.opened) }
                ) { tell.yield(.line($0)) }
                tell.yield(.end(reply))
            } catch {
                tell.yield(.broken)
            }
        }
        let end: @Sendable () -> Void = {
            following.cancel()
            faults.breaks.withLock { $0[id] = nil }
        }
        // The head is sent when it is known whether this is a stream at all.
        var iterator = parts.makeAsyncIterator()
        switch await iterator.next() {
        case .end(let reply):
            end()
            return response(reply)
        case .opened: break
        case .line, .broken, nil:
            end()
            return cut(Data("broken".utf8))
        }
        var response = Response(
            status: .ok,
            body: ResponseBody { writer in
                defer { end() }
                for await part in parts {
                    switch part {
                    case .opened: break
                    case .line(let line): try await writer.write(ByteBuffer(bytes: line + [0x0A]))
                    case .end:
                        try await writer.finish(nil)
                        return
                    case .broken:
                        try await writer.write(ByteBuffer(string: #"{"type":"MODIF"#))
                        throw Broken()
                    }
                }
            })
        response.headers[.contentType] = "application/json"
        return response
    }
}
