import ArgumentParser
import Foundation

/// Where the facts come from; shared by all commands that read them.
struct SourceOptions: ParsableArguments {
    @Option(help: "The config file instead of the usual one.")
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Read ParallelCluster in this region instead of the configured sources.", valueName: "region"))
    var region: String?

    @Option(help: ArgumentHelp("A status API to read, instead of the configured sources.", valueName: "url"))
    var metal: String?

    /// The config; what is wrong with it ends the command.
    func read(_ paths: Paths) throws -> Config {
        var config: Config
        do throws(ConfigProblems) {
            if let path = self.config {
                guard let found = try ConfigReader.read(path: path) else {
                    throw ConfigProblems([.init(file: path, line: 1, text: "there is no such file")])
                }
                config = found
            } else {
                config = try ConfigReader.read(path: paths.config) ?? Config()
            }
            if metal != nil || region != nil {
                let access = config.pcluster
                (config.metal, config.pcluster) = ([], [])
                if let metal { config.metal = try ConfigReader.parse("metal: \(metal)", file: "--metal").metal }
                if let region { config.pcluster = try Self.pcluster(in: region, access) }
            }
        } catch {
            throw CommandFailure(
                "The configuration is wrong.\n" + error.description,
                advice: "Mend the lines named; `slipway config init` shows every key.", status: .usage)
        }
        return config
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
