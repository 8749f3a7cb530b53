import ClusterPool
import Fleet
import Foundation
import History
import Upstream

/// A pool that may be managed from here: the way to its API server, and how it is managed.
struct ManagedPool: Sendable {
    /// The kube context.
    let context: String
    let api: KubeAPI
    var settings: PoolSettings
    let guest: PoolGuest
    /// Who logs in to a machine.
    var user = "ubuntu"
    /// A folder with machine templates; nil takes the built-in ones.
    var templates: String?
    /// The backend that lends its clusters; one that has such a backend is only read here.
    var backend: String?
    let time: TimeSource
    var close: @Sendable () async -> Void = {}

    var source: SourceID { settings.source }

    /// - Parameter builds: whether machines may be made, for which the templates are read.
    /// - Throws: `CommandFailure` for a pool that another backend lends, or templates that cannot be read.
    func manager(
        _ duty: PoolManager.Duty, builds: Bool = true, history: HistoryStore?, log: @escaping @Sendable (String) -> Void
    ) throws -> PoolManager {
        try checkKeeper()
        let files = try builds ? templates.map(PoolTemplateFolder.read) : nil
        let source = source
        return PoolManager(
            api, settings: settings, duty: duty, templates: PoolTemplates(files: files ?? [:]), guest: guest,
            time: time,
            recall: { (try? await history?.runs(kind: .pool, source: source, limit: 200)) ?? [] },
            record: { run in await history?.record(run) }, log: log)
    }

    private func checkKeeper() throws {
        guard let backend else { return }
        throw CommandFailure(
            "The clusters of \(context) are lent by another backend, \(HTTPClientDoor.withoutUser(backend)): Slipway only reads them.",
            advice: "Stop that backend and take `sessions` of this pool out of the config, and Slipway manages it.",
            status: .usage)
    }
}

extension ManagedPool {
    /// Who we are, for Leases and annotations. Never the same twice: a process may come back with another's number.
    static let identity: String = {
        let chance = String(UInt16.random(in: 0...UInt16.max), radix: 16)
        let process = ProcessInfo.processInfo.processIdentifier
        return "\(DashboardCommand.hostName):\(process):\(String(repeating: "0", count: 4 - chance.count))\(chance)"
    }()

    /// - Parameter proxy: the way to its API server; a new one without it.
    init(_ choice: PoolChoice, proxy: KubectlProxy? = nil, time: TimeSource) {
        let entry = choice.entry
        let commands = SubprocessDoor(time: time)
        let proxy =
            proxy ?? KubectlProxy(entry.kubernetes.access(choice.context), commands: commands, time: time)
        self.init(
            context: choice.context, api: KubeAPI(name: choice.context, door: proxy),
            settings: PoolSettings(
                source: SourceID(choice.id), identity: Self.identity, clusters: entry.clusters,
                sessionLife: entry.life),
            guest: PoolGuest(
                .init(
                    program: entry.virtctl, context: choice.context, kubeconfig: entry.kubernetes.kubeconfig,
                    user: entry.user, key: entry.key), commands: commands),
            user: entry.user, templates: entry.templates, backend: entry.sessions, time: time,
            close: { await proxy.close() })
    }
}

/// A folder with files that machines are made from.
enum PoolTemplateFolder {
    /// The files that are there; the built-in ones stand in for the others.
    static func read(_ folder: String) throws -> [String: String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw CommandFailure(
                "There is no folder \(Paths.short(folder)) with machine templates.",
                advice:
                    "Correct `templates` of the pool in the config; `slipway pool templates \(Paths.short(folder))` makes it.",
                status: .usage)
        }
        var files: [String: String] = [:]
        for name in PoolTemplates.names {
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
            guard size <= PoolTemplates.sizeLimit, let data = FileManager.default.contents(atPath: path) else {
                throw CommandFailure(
                    "The template \(Paths.short(path)) cannot be read.",
                    advice: "Check its rights; it may have at most \(PoolTemplates.sizeLimit >> 10) KB.", status: .usage
                )
            }
            files[name] = String(decoding: data, as: UTF8.self)
        }
        return files
    }
}
