import ArgumentParser
import BareMetal
import Collector
import Fleet
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// One item as lines until it ends; the exit status tells how.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follow one item as lines until it ends.",
        discussion:
            "Exit status: 0 it ended well, 1 it failed, 2 there is no such item, 3 it is overdue, 4 unreachable.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    private static let kinds: [Kind] = [.metal, .cluster, .deployment, .pool, .image]
    /// A cluster that is only just being created is not known at once; pctl waits as long. Seconds.
    private static let appearance: Double = 100

    @Argument(help: ArgumentHelp("What sort of item: metal, cluster, deployment, pool or image.", valueName: "kind"))
    var kindWord: String

    @Argument(help: "Its name, number or address; of a deployment also NAMESPACE/NAME; of a build its id.")
    var name: String

    @OptionGroup var sources: SourceOptions
    @OptionGroup var recording: RecordOptions

    @Option(name: [.short, .customLong("output")], help: "text, or json: one item a line, of a deployment one update.")
    var output = Format.text

    @Option(help: "Seconds without an answer of the source until it counts as unreachable.")
    var giveUp = 60.0

    private var kind: Kind { Kind(rawValue: kindWord) ?? .metal }

    func validate() throws {
        guard let kind = Kind(rawValue: kindWord), Self.kinds.contains(kind) else {
            throw ValidationError(
                "\(kindWord) cannot be watched; there are \(Self.kinds.map(\.rawValue).joined(separator: ", ")).")
        }
        guard giveUp > 0 else { throw ValidationError("--give-up must be above 0.") }
        if kind == .cluster, name.wholeMatch(of: /[a-zA-Z][a-zA-Z0-9-]*/) == nil {
            throw ValidationError(
                "\(SafeText.line(name, limit: 60)) is not a cluster's name: it begins with a letter and holds letters, "
                    + "digits and dashes only.")
        }
    }

    func run() async throws {
        try await telling {
            let status: ExitStatus =
                switch kind {
                case .cluster: try await watchCluster()
                case .deployment: try await watchDeployment()
                case .pool: try await watchPool()
                case .image: try await watchImage()
                case .metal: try await watchMetal()
                }
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }

    private func watchDeployment() async throws -> ExitStatus {
        let config = await SourceDetection.complete(try sources.read(Paths()))
        guard !config.kubernetes.isEmpty else {
            throw CommandFailure(
                "No kube context is known to look for \(name).",
                advice: "Pass --context NAME, or write `kubernetes: [CONTEXT]` into \(Paths.short(Paths().config)).",
                status: .usage)
        }
        return try await DeploymentFollower(
            name: name, config: config, format: output, giveUp: giveUp, recorders: try await recording.recorders()
        ).run()
    }

    private func watchMetal() async throws -> ExitStatus {
        try await OneLook(options: sources, recorders: try await recording.recorders()).collecting { collector, open in
            try await follow(collector, printer: WatchPrinter(format: output)) { snapshot in
                try await findNode(in: snapshot, open)
            }
        }
    }

    private func watchCluster() async throws -> ExitStatus {
        let config = await SourceDetection.complete(try sources.read(Paths()))
        let regions = config.pcluster.flatMap(\.sources)
        guard !regions.isEmpty else {
            throw CommandFailure(
                "No region is known to look for \(name).",
                advice: "Pass --region REGION, or write `pcluster: [REGION]` into \(Paths.short(Paths().config)).",
                status: .usage)
        }
        // In one region the cluster alone is asked for, also before it exists; in several it must be found first.
        let alone = regions.count == 1 ? name : nil
        return try await OneLook.collecting(
            config, of: [.cluster], cluster: alone, recorders: try await recording.recorders()
        ) { collector, _ in
            try await follow(
                collector,
                printer: output == .json ? WatchPrinter(format: .json) : ClusterPrinter(isTerminal: isatty(1) == 1)
            ) { try findCluster(in: $0) }
        }
    }

    private func watchImage() async throws -> ExitStatus {
        let config = await SourceDetection.complete(try sources.read(Paths()))
        return try await OneLook.collecting(config, of: [.image], recorders: try await recording.recorders()) {
            collector, _ in
            try await follow(collector, printer: WatchPrinter(format: output)) { snapshot in
                let found = snapshot.items.values.filter { $0.isBuild(name) }
                // A name is given to every build of a template: the newest is meant.
                if let id = found.max(by: Item.isOlder)?.id { return id }
                try whenSilent(snapshot)
                return nil
            }
        }
    }

    private func watchPool() async throws -> ExitStatus {
        let choice = try PoolChoice(sources.context, in: try Config.read(sources.config, Paths()))
        return try await OneLook.collecting(choice.only, recorders: try await recording.recorders()) { collector, _ in
            try await follow(
                collector, printer: output == .json ? WatchPrinter(format: .json) : PoolPrinter()
            ) { snapshot in
                let found = snapshot.items.values.filter { $0.kind == .pool && ($0.name == name || $0.id.text == name) }
                if found.isEmpty { try whenSilent(snapshot) }
                return try only(found)
            }
        }
    }

    private func follow(
        _ collector: FleetCollector, printer: any WatchPrinting,
        find: @Sendable (Snapshot) async throws -> ItemID?
    ) async throws -> ExitStatus {
        await OneLook.settled(collector)
        let (fleet, subscription) = await collector.subscribe()
        var snapshot = fleet
        guard let id = try await find(snapshot) else {
            throw CommandFailure(
                "There is no \(Self.noun(kind)) \(name).",
                advice: "There are: \(Self.names(snapshot))." + (kind == .cluster ? " \(Self.otherVersion)" : ""),
                status: .usage)
        }
        var printer = printer
        var last: Item?
        let startedAt = TimeSource.system.uptime()
        // Time alone can make it overdue or unreachable: look again each second, also when nothing changes.
        while true {
            snapshot.at = TimeSource.system.now()
            guard let item = snapshot.items[id] else {
                // What disappears while it is deleted has been deleted.
                if case .cluster(let cluster)? = last?.detail, cluster.operation == .delete { return .done }
                throw CommandFailure(
                    "\(name) has gone from its source.", advice: "Nothing is left to watch.", status: .failed)
            }
            last = item
            if !item.isAbsent { printer.show(item, snapshot) }
            if let status = ending(item, snapshot) {
                printer.end(item, snapshot, status)
                return status
            }
            if item.isAbsent, TimeSource.system.uptime() - startedAt > Self.appearance {
                throw CommandFailure(
                    "There is no cluster \(name) in \(item.source).",
                    advice: Self.absence(item),
                    status: .usage)
            }
            try await TimeSource.system.sleep(1)
            for change in subscription.take() { snapshot.apply(change) }
        }
    }

    private func ending(_ item: Item, _ snapshot: Snapshot) -> ExitStatus? {
        // What is taken back after a failure is followed to its end.
        if case .cluster(let cluster) = item.detail {
            let isUnderWay = cluster.stackStatus.contains("ROLLBACK") && cluster.stackStatus.hasSuffix("_IN_PROGRESS")
            if isUnderWay || cluster.rollback.map({ !$0.isOver }) ?? false { return nil }
        }
        switch item.state {
        case .done: return .done
        case .failed: return .failed
        // A practice cluster that is lent, or that nobody has begun with, is at rest.
        case .held where item.kind == .pool: return .done
        case .waiting where item.kind == .pool && !item.isQueued: return .done
        case .waiting, .running, .held, .unknown: break
        }
        // A node that was cleaned up after a failure has ended too.
        if item.endedAt != nil { return .failed }
        if let limit = item.limit, let taken = item.elapsed(at: snapshot.at), taken > limit { return .overdue }
        if let source = snapshot.sources[item.source], source.state != .live, source.age(at: snapshot.at) ?? 0 > giveUp
        {
            Output.error("slipway: \(source.error ?? "\(source.id) does not answer.")")
            return .unreachable
        }
        return nil
    }

    private static func noun(_ kind: Kind) -> String {
        switch kind {
        case .metal: "node"
        case .image: "image build"
        case .cluster, .deployment, .pool: "cluster"
        }
    }

    private static let otherVersion = "A cluster of another major version needs that version of pcluster."

    private static func absence(_ item: Item) -> String {
        "Check the name and the region; `pcluster list-clusters -r \(item.source)` lists them. \(otherVersion)"
    }

    // MARK: finding

    private func findCluster(in snapshot: Snapshot) throws -> ItemID? {
        let found = snapshot.items.values.filter { $0.kind == .cluster && ($0.name == name || $0.id.text == name) }
        // What stands for a cluster that was asked for by name proves nothing before its region has answered.
        if let id = try only(found.filter { !$0.isAbsent }) { return id }
        try whenSilent(snapshot)
        return found.first?.id
    }

    private func findNode(in snapshot: Snapshot, _ open: [OpenSource]) async throws -> ItemID? {
        let found = snapshot.items.values.filter { item in
            guard item.kind == .metal else { return false }
            if item.name == name || item.id.text == name { return true }
            guard case .metal(let detail) = item.detail else { return false }
            return detail.managementIP == name || detail.node.map(String.init) == name
        }
        if let id = try only(found) { return id }
        try whenSilent(snapshot)
        // A service knows its nodes by more addresses than it shows.
        for source in open {
            guard let status = try? await source.client?.status(address: name) else { continue }
            let id = ItemID(kind: .metal, source: source.feed.source.id, key: String(status.nodeID))
            if snapshot.items[id] != nil { return id }
        }
        return nil
    }

    private func only(_ found: [Item]) throws -> ItemID? {
        guard found.count > 1 else { return found.first?.id }
        throw CommandFailure(
            "\(found.count) items are called \(name).",
            advice: "Say which: \(found.map(\.id.text).sorted().joined(separator: ", ")).", status: .usage)
    }

    /// That nothing was found where nothing answered says nothing about the name.
    private func whenSilent(_ snapshot: Snapshot) throws {
        let silent = snapshot.sources.values.filter { $0.lastSuccess == nil }
        guard let source = silent.min(by: { $0.id < $1.id }) else { return }
        throw CommandFailure(
            source.error ?? "\(source.id) does not answer.", advice: source.advice ?? "Try again.",
            status: .unreachable)
    }

    private static func names(_ snapshot: Snapshot) -> String {
        let names = snapshot.items.values.map(\.name).sorted()
        let shown = names.prefix(12).joined(separator: ", ")
        return names.isEmpty ? "none at all" : names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
    }
}

extension Item {
    /// Something is to be done to it.
    fileprivate var isQueued: Bool { if case .pool(let detail) = detail { detail.operation != nil } else { false } }

    /// It was asked for by name and is not there, or not yet.
    fileprivate var isAbsent: Bool { kind == .cluster && state == .waiting && startedAt == nil }
}
