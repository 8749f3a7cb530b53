import ArgumentParser
import BareMetal
import ClusterCreation
import ClusterDeployment
import ClusterPool
import Fleet
import Foundation
import History
import Upstream

/// What is configured, what answers, what is missing, and what to do about it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what is configured, what answers and what is missing.",
        discussion: "Exit status: 0 all is well, 1 something needs a person, 2 the config is wrong.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @OptionGroup var sources: SourceOptions

    @Option(name: [.short, .customLong("output")], help: "table or json.")
    var output = Format.table

    func run() async throws {
        try await telling {
            let findings = try await Doctor(paths: Paths()).findings(try sources.read(Paths()))
            switch output {
            case .table: for finding in findings { Output.line(finding.text) }
            case .json:
                Output.line(String(decoding: try FleetCoder.encoder(pretty: true).encode(findings), as: UTF8.self))
            }
            if findings.contains(where: { $0.state == .bad }) { throw ExitCode(ExitStatus.failed.rawValue) }
        }
    }
}

/// One thing that was looked at.
struct Finding: Encodable, Equatable {
    enum State: String, Encodable { case ok, note, bad }

    let name: String
    let state: State
    /// What is so, in a few words.
    let says: String
    /// What to do, in one sentence.
    var advice: String?

    var text: String {
        let mark =
            switch state {
            case .ok: "+ ok  "
            case .note: "- note"
            case .bad: "! bad "
            }
        return "\(mark)  \(name): \(says)" + (advice.map { "\n          \($0)" } ?? "")
    }
}

/// Looks at everything Slipway needs. It changes nothing.
struct Doctor {
    let paths: Paths
    private let time = TimeSource.system

    init(paths: Paths) { self.paths = paths }

    func findings(_ config: Config) async throws -> [Finding] {
        let detected = await SourceDetection.complete(config)
        var findings = [files(), state()]
        findings.append(configured(config, detected))
        for metal in detected.metal { findings.append(await self.metal(metal)) }
        for pcluster in detected.pcluster { findings += await self.pcluster(pcluster) }
        for kubernetes in detected.kubernetes {
            for (id, context) in kubernetes.sources {
                findings.append(await self.context(id, kubernetes.access(context), kubernetes.namespaces))
            }
        }
        for pool in detected.pool {
            for (id, context) in pool.sources {
                findings.append(await self.pool(id, pool.kubernetes.access(context)))
            }
            // A pool that another backend lends is only read.
            if pool.sessions == nil, let missing = await virtctl(pool.virtctl) { findings.append(missing) }
        }
        findings += await ImagesDoctor(images: detected.images, paths: paths, time: time).findings()
        return findings
    }

    private func files() -> Finding {
        let path = Paths.short(paths.config)
        return FileManager.default.fileExists(atPath: paths.config)
            ? Finding(name: "config", state: .ok, says: path)
            : Finding(
                name: "config", state: .note, says: "there is no \(path)", advice: "`slipway config init` writes one.")
    }

    private func state() -> Finding {
        do {
            try paths.makeStateFolder()
            let probe = paths.state + "/.doctor-\(ProcessInfo.processInfo.processIdentifier)"
            try Data().write(to: URL(fileURLWithPath: probe))
            try FileManager.default.removeItem(atPath: probe)
        } catch {
            return Finding(
                name: "history", state: .bad, says: "\(Paths.short(paths.state)) cannot be written",
                advice: "Check its rights and the space on its disk; without it nothing is learned.")
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: paths.history)
        let size = (attributes?[.size] as? Int).map { ", \($0 >> 10) KB" } ?? ", not begun yet"
        return Finding(name: "history", state: .ok, says: Paths.short(paths.history) + size)
    }

    private func configured(_ config: Config, _ detected: Config) -> Finding {
        let names =
            detected.metal.map { "metal \($0.name)" }
            + detected.pcluster.flatMap { $0.sources.map { "pcluster \($0.id)" } }
            + detected.kubernetes.flatMap { $0.sources.map { "kubernetes \($0.id)" } }
            + detected.pool.flatMap { $0.sources.map(\.id) }
            + (detected.images.readsThisMachine ? ["image builds of this machine"] : [])
            + detected.images.folders.map { "image builds in \(Paths.short($0))" }
            + detected.images.builders.map { "builder \($0)" }
        guard !names.isEmpty else {
            return Finding(
                name: "sources", state: .bad, says: "none configured and none found",
                advice:
                    "Write `metal: URL`, `pcluster: [REGION]` or `kubernetes: [CONTEXT]` into \(Paths.short(paths.config))."
            )
        }
        return Finding(
            name: "sources", state: .ok,
            says: names.joined(separator: ", ") + (config.isConfigured ? "" : " (detected, not configured)"))
    }

    private func metal(_ metal: Config.Metal) async -> Finding {
        let name = "metal \(metal.name)"
        do throws(UpstreamProblem) {
            let door = try HTTPClientDoor(base: metal.url, token: metal.token, certificateAuthority: metal.ca)
            let client = StatusClient(door: door, name: metal.name)
            let answer: Result<WireSummary, UpstreamProblem>
            do throws(UpstreamProblem) { answer = .success(try await client.summary()) } catch {
                answer = .failure(error)
            }
            await door.close()
            let summary = try answer.get()
            return Finding(
                name: name, state: .ok, says: "\(summary.totalNodes) nodes at \(HTTPClientDoor.withoutUser(metal.url))")
        } catch {
            return Finding(name: name, state: .bad, says: error.sentence, advice: error.advice)
        }
    }

    // MARK: ParallelCluster

    private func pcluster(_ pcluster: Config.Pcluster) async -> [Finding] {
        let program = PclusterProgram.installed(pcluster, time: time)
        var findings = [way(await program.way())]
        if findings.allSatisfy({ $0.state != .bad }) {
            for (id, region) in pcluster.sources { findings.append(await self.region(id, region, program)) }
            findings.append(await memory(program))
        }
        await program.close()
        return findings
    }

    private func way(_ way: PclusterProgram.Way) -> Finding {
        switch way {
        case .library(let interpreter, let version):
            Finding(name: "pcluster", state: .ok, says: "version \(version), its library kept loaded by \(interpreter)")
        case .commandLine(let program, let reason):
            Finding(
                name: "pcluster", state: .note, says: "\(program) is run for every question, because \(reason)",
                advice: "That costs a second of CPU each time; install version 3.5 or newer with pip.")
        case .missing(let reason):
            Finding(
                name: "pcluster", state: .bad, says: reason,
                advice: "Install it with `pip install aws-parallelcluster`, or name it: pcluster: {program: PATH}.")
        case .pending(let reason):
            Finding(
                name: "pcluster", state: .bad, says: "its library does not load: \(reason)",
                advice: "Run `python -c 'import pcluster.lib'` with its interpreter.")
        }
    }

    private func region(_ id: String, _ region: String, _ program: PclusterProgram) async -> Finding {
        let name = "pcluster \(id)"
        struct List: Decodable {
            struct Cluster: Decodable {}
            var clusters: [Cluster]?
        }
        do throws(PclusterProblem) {
            let data = try await program.ask(PclusterQuestion(.listClusters, region: region))
            let count = (try? JSONDecoder().decode(List.self, from: data))?.clusters?.count ?? 0
            return Finding(name: name, state: .ok, says: count == 1 ? "1 cluster" : "\(count) clusters")
        } catch {
            return Finding(name: name, state: .bad, says: error.sentence, advice: error.advice)
        }
    }

    private func memory(_ program: PclusterProgram) async -> Finding {
        let processes = await program.processes()
        guard !processes.isEmpty else {
            return Finding(name: "pcluster memory", state: .note, says: "nothing is kept loaded")
        }
        let held = processes.compactMap(Self.share).reduce(0, +)
        return Finding(
            name: "pcluster memory", state: .ok,
            says: "\(held >> 20) MB in \(processes.count) processes (one that stays, and one or two for each region)")
    }

    /// A process's share of memory in bytes: pages that several processes use are counted once in all. Linux only.
    private static func share(of process: Int) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8) else {
            return nil
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") }
        return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 << 10 }
    }

    // MARK: Kubernetes

    private func context(_ id: String, _ access: KubectlProxy.Access, _ filter: NamespaceFilter?) async -> Finding {
        let name = "kubernetes \(id)"
        let proxy = KubectlProxy(access, commands: SubprocessDoor(time: time), time: time)
        let api = KubeAPI(name: access.name, door: proxy)
        let finder = DeploymentFinder(api, filter: filter, preferred: proxy.preferred, time: time)
        let finding: Finding
        do throws(UpstreamProblem) {
            let keys = try await finder.all()
            let version = try await api.version().gitVersion
            let namespaces = Set(keys.map(\.namespace)).sorted()
            let count = keys.count == 1 ? "1 deployment" : "\(keys.count) deployments"
            let places = namespaces.isEmpty ? "" : " in \(namespaces.prefix(6).joined(separator: ", "))"
            let gap = await finder.gap()
            finding = Finding(
                name: name, state: gap == nil ? .ok : .note, says: "Kubernetes \(version), \(count)\(places)",
                advice: gap.map { "\($0)." })
        } catch {
            finding = Finding(name: name, state: .bad, says: error.sentence, advice: error.advice)
        }
        await proxy.close()
        return finding
    }

    private func pool(_ id: String, _ access: KubectlProxy.Access) async -> Finding {
        let proxy = KubectlProxy(access, commands: SubprocessDoor(time: time), time: time)
        let api = KubeAPI(name: access.name, door: proxy)
        let finding: Finding
        do throws(UpstreamProblem) {
            let version = try await api.version().gitVersion
            if try await api.preferredVersion(of: "kubevirt.io") == nil {
                finding = Finding(
                    name: id, state: .bad, says: "KubeVirt is not installed in \(access.name)",
                    advice:
                        "Name the context of the cluster that holds the practice clusters with `pool` in the config.")
            } else {
                var count = 0
                try await api.list(.namespaces, selector: KubeSelector(labels: PoolLabels.selector)) {
                    (page: [PoolNamespace]) in count += page.count
                }
                finding = Finding(
                    name: id, state: count > 0 ? .ok : .note,
                    says: "Kubernetes \(version) with KubeVirt, \(count) namespaces with \(PoolLabels.selector)",
                    advice: count > 0
                        ? nil : "A pool of another backend is known by its annotations; none is needed then.")
            }
        } catch {
            finding = Finding(name: id, state: .bad, says: error.sentence, advice: error.advice)
        }
        await proxy.close()
        return finding
    }

    /// - Returns: nil when it is there.
    private func virtctl(_ program: String) async -> Finding? {
        let command = Command(program, ["version", "--client"])
        do throws(CommandProblem) {
            _ = try await SubprocessDoor(time: time).run(command, deadline: 5, limit: 64 << 10)
        } catch .missing {
            return Finding(
                name: "virtctl", state: .note, says: "\(program) is not there; only making clusters needs it",
                advice:
                    "Install virtctl of your KubeVirt's version, or name it with `virtctl` of the pool in the config.")
        } catch {
            return nil
        }
        return nil
    }

    private struct PoolNamespace: KubeObject { var metadata: KubeMetadata }
}
