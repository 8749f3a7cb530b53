import BareMetal
import ClusterCreation
import ClusterDeployment
import Fleet
import Foundation
import Upstream

/// Finds sources that nobody configured.
enum SourceDetection {
    static let defaultURL = "http://127.0.0.1:8080"
    /// What does not answer within so many seconds has to be named to be read.
    private static let patience: Double = 5

    /// The config with what was found; the same config if it has sources, or if nothing was found.
    ///
    /// - Parameter asksKubernetes: asking the current kube context may run a login program; once is enough.
    static func complete(
        _ config: Config, asksKubernetes: Bool = true,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async -> Config {
        guard !config.isConfigured else { return config }
        var found = config
        found.pcluster = pcluster(environment)
        async let kubernetes = asksKubernetes ? kubernetes(config.namespaces) : []
        if await isStatusAPI(defaultURL) { found.metal = [Config.Metal(name: "localhost:8080", url: defaultURL)] }
        found.kubernetes = await kubernetes
        return found
    }

    private static func isStatusAPI(_ url: String) async -> Bool {
        guard let door = try? HTTPClientDoor(base: url, environment: [:]) else { return false }
        let question = HTTPQuestion(target: "/api/status/summary", deadline: 1, bodyLimit: 1 << 20)
        let reply = try? await door.ask(question)
        await door.close()
        guard let reply, reply.status == 200 else { return false }
        return (try? JSONDecoder().decode(WireSummary.self, from: reply.body)) != nil
    }

    /// The kubeconfig's current context, if k0rdent is there. Others are not tried: asking them might start a login.
    private static func kubernetes(_ filter: NamespaceFilter?) async -> [Config.Kubernetes] {
        let commands = SubprocessDoor()
        var found = Config.Kubernetes(contexts: [])
        guard let config = try? await Kubeconfig.read(found.access(nil), commands: commands),
            let context = config.current
        else { return [] }
        let proxy = KubectlProxy(found.access(context), commands: commands, time: .system)
        let finder = DeploymentFinder(KubeAPI(name: context, door: proxy), time: .system)
        let isThere = await withTaskGroup(of: Bool.self) { group -> Bool in
            group.addTask { await finder.hasDeployments() }
            group.addTask {
                try? await TimeSource.system.sleep(patience)
                return false
            }
            let isThere = await group.next() ?? false
            group.cancelAll()
            // What waits for the proxy waits no longer.
            await proxy.close()
            return isThere
        }
        guard isThere else { return [] }
        found.contexts = [context]
        found.namespaces = filter
        return [found]
    }

    /// The region that `pcluster` itself would use, where it is installed.
    static func pcluster(_ environment: [String: String]) -> [Config.Pcluster] {
        guard PclusterInstallation.find(environment: environment) != nil, let region = region(environment) else {
            return []
        }
        return [Config.Pcluster(regions: [region])]
    }

    /// From the environment, else from the profile in AWS's config file.
    private static func region(_ environment: [String: String]) -> String? {
        let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].compactMap { environment[$0] }.first { !$0.isEmpty }
        let file = environment["AWS_CONFIG_FILE"] ?? (environment["HOME"] ?? "") + "/.aws/config"
        let profile = environment["AWS_PROFILE"].map { "profile \($0)" } ?? "default"
        guard
            let region = named ?? FileManager.default.contents(atPath: file).flatMap({ self.region($0, in: profile) }),
            Config.Pcluster.isRegion(region)
        else { return nil }
        return region
    }

    private static func region(_ file: Data, in profile: String) -> String? {
        var isInside = false
        for line in String(decoding: file, as: UTF8.self).split(separator: "\n") {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("[") { isInside = line == "[\(profile)]" }
            guard isInside, line.hasPrefix("region") else { continue }
            let words = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if words.count == 2, words[0] == "region" { return words[1] }
        }
        return nil
    }
}
