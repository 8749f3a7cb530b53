import ArgumentParser
import Foundation
import Upstream

/// Where the facts come from; shared by all commands that read them.
struct SourceOptions: ParsableArguments {
    @Option(help: "The config file instead of the usual one.")
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Read ParallelCluster in this region instead of the configured sources.", valueName: "region"))
    var region: String?

    @Option(
        help: ArgumentHelp(
            "Read the ClusterDeployments of this kube context instead of the configured sources.", valueName: "name"))
    var context: String?

    @Option(
        help: ArgumentHelp(
            "Of kube contexts, read only namespaces in which this regular expression is found.", valueName: "pattern"))
    var namespaces: String?

    @Option(help: ArgumentHelp("A status API to read, instead of the configured sources.", valueName: "url"))
    var metal: String?

    /// The config; what is wrong with it ends the command.
    func read(_ paths: Paths) throws -> Config {
        var config = try Config.read(self.config, paths)
        config.images.readsThisMachine = ImageSources.hasBuilds(paths)
        config.images.folders = ImageSources.folders(home: paths.home)
        do throws(ConfigProblems) {
            if metal != nil || region != nil || context != nil {
                let access = (pcluster: config.pcluster, kubernetes: config.kubernetes)
                (config.metal, config.pcluster, config.kubernetes, config.pool) = ([], [], [], [])
                // A region that is named has its images, too.
                config.images = Config.Images(
                    aws: config.images.aws, profile: config.images.profile, readsPcluster: config.images.readsPcluster)
                if let metal { config.metal = try ConfigReader.parse("metal: \(metal)", file: "--metal").metal }
                if let region { config.pcluster = try Self.pcluster(in: region, access.pcluster) }
                if let context { config.kubernetes = [Self.kubernetes(context, access.kubernetes)] }
            }
        } catch {
            throw CommandFailure(error)
        }
        try filter(&config)
        return config
    }

    private func filter(_ config: inout Config) throws {
        guard let namespaces else { return }
        do throws(NamespaceFilter.Problem) {
            let filter = try NamespaceFilter(namespaces)
            config.namespaces = filter
            for index in config.kubernetes.indices { config.kubernetes[index].namespaces = filter }
        } catch {
            throw CommandFailure(
                error.sentence, advice: "Write it as a regular expression, such as '^team-'.", status: .usage)
        }
    }

    /// One context, through the entry that names it, else through the first one, else in the usual way.
    private static func kubernetes(_ context: String, _ access: [Config.Kubernetes]) -> Config.Kubernetes {
        var entry = access.first { $0.contexts.contains(context) } ?? access.first ?? Config.Kubernetes(contexts: [])
        entry.contexts = [context]
        return entry
    }

    /// One region, through the entry that names it, else through the first one, else in the usual way.
    private static func pcluster(
        in region: String, _ access: [Config.Pcluster]
    ) throws(ConfigProblems) -> [Config.Pcluster] {
        let known = access.filter { $0.regions.contains(region) }
        guard known.isEmpty else {
            return known.map { entry in
                var entry = entry
                entry.regions = [region]
                return entry
            }
        }
        let parsed = try ConfigReader.parse("pcluster: [\(region)]", file: "--region").pcluster
        guard var entry = access.first else { return parsed }
        entry.regions = parsed.flatMap(\.regions)
        return [entry]
    }
}

extension Config {
    /// - Parameter file: instead of the usual one.
    /// - Throws: `CommandFailure` that says what is wrong with it.
    static func read(_ file: String?, _ paths: Paths) throws -> Config {
        do throws(ConfigProblems) {
            guard let file else { return try ConfigReader.read(path: paths.config) ?? Config() }
            if var found = try ConfigReader.read(path: file) {
                found.path = file
                return found
            }
            throw ConfigProblems([.init(file: file, line: 1, text: "there is no such file")])
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension CommandFailure {
    fileprivate init(_ problems: ConfigProblems) {
        self.init(
            "The configuration is wrong.\n" + problems.description,
            advice: "Mend the lines named; `slipway config init` shows every key.", status: .usage)
    }
}
