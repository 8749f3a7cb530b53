import ClusterCreation
import ClusterDeployment
import ClusterPool
import Foundation
import Upstream

/// What a person can set. Every value has a default; an empty file is a config.
struct Config: Sendable, Equatable {
    /// One status API.
    struct Metal: Sendable, Equatable {
        var name: String
        var url: String
        var zone: TimeZone = .gmt
        var token: BearerToken?
        var ca: String?
        /// Seconds by phase.
        var limits: [String: Double] = [:]
    }

    /// ParallelCluster in the regions of one AWS account.
    struct Pcluster: Sendable, Equatable {
        var regions: [String]
        /// Stands before the region where several accounts are read.
        var name: String?
        /// A path, or a name that is looked for in `PATH`.
        var program = "pcluster"
        /// The AWS profile.
        var profile: String?
        /// Seconds that a creation may take.
        var limit = ClusterRules.usualLimit

        /// What the screen calls each region.
        var sources: [(id: String, region: String)] {
            regions.map { region in (name.map { "\($0):\(region)" } ?? region, region) }
        }

        /// Whether it is written as a region is; only `pcluster` knows which there are.
        static func isRegion(_ text: String) -> Bool {
            text.wholeMatch(of: /[a-z]{2,}(-[a-z]+)+-[0-9]+/) != nil && text.utf8.count < 40
        }
    }

    /// ClusterDeployments in the contexts of one kubeconfig.
    struct Kubernetes: Sendable, Equatable {
        var contexts: [String]
        /// Stands before the context where several kubeconfigs are read.
        var name: String?
        /// Leaves out namespaces; nil takes all.
        var namespaces: NamespaceFilter?
        /// Nil where kubectl itself looks.
        var kubeconfig: String?
        /// A path, or a name that is looked for in `PATH`.
        var program = "kubectl"
        /// Seconds that a deployment may take.
        var limit = DeploymentRules.usualLimit

        /// What the screen calls each context.
        var sources: [(id: String, context: String)] {
            contexts.map { context in (name.map { "\($0):\(context)" } ?? context, context) }
        }

        func access(_ context: String?) -> KubectlProxy.Access {
            KubectlProxy.Access(context: context, kubeconfig: kubeconfig, program: program)
        }
    }

    /// Practice clusters on KubeVirt in the contexts of one kubeconfig.
    struct Pool: Sendable, Equatable {
        /// Contexts, kubeconfig and program; the limit and the filter mean nothing here.
        var kubernetes: Kubernetes
        /// Where the backend that lends the clusters tells its sessions; nil reads none. A pool that another backend lends is not managed.
        var sessions: String?
        /// The clusters that a bootstrap of all makes.
        var clusters = PoolSettings.seedClusters
        /// Seconds that a session may hold a cluster, where it does not say.
        var life: Double = 3600
        /// A folder with machine templates; nil takes the built-in ones.
        var templates: String?
        /// How a new control plane is logged in to.
        var user = "ubuntu"
        /// A private key; nil leaves it to ssh.
        var key: String?
        /// A path, or a name that is looked for in `PATH`.
        var virtctl = "virtctl"

        /// What the screen calls each context: a context may hold deployments, too.
        var sources: [(id: String, context: String)] { kubernetes.sources.map { ("pool:\($0.id)", $0.context) } }
    }

    /// Image builds, and where they are looked for.
    struct Images: Sendable, Equatable {
        /// Builders whose builds are read through ssh: `user@host`.
        var builders: [String] = []
        /// The AWS command line: a path, or a name that is looked for in `PATH`. It is asked for the progress of pctl's builders.
        var aws = "aws"
        /// The AWS profile.
        var profile: String?
        /// Whether the images of `pcluster build-image` are read in the regions of `pcluster`.
        var readsPcluster = true

        /// Whether the builds of this machine are read; there is nothing to say about them where none was ever started. Found, not configured.
        var readsThisMachine = false
        /// The folders in which pctl or petal keeps a file for each build, where there are any. Found, not configured.
        var folders: [String] = []
    }

    /// The file it was read from, where that is not the usual one.
    var path: String?

    var metal: [Metal] = []
    var pcluster: [Pcluster] = []
    var kubernetes: [Kubernetes] = []
    var pool: [Pool] = []
    var images = Images()

    /// Whether anything was named; what is on this machine anyhow does not count.
    var isConfigured: Bool {
        !metal.isEmpty || !pcluster.isEmpty || !kubernetes.isEmpty || !pool.isEmpty || !images.builders.isEmpty
    }
    var hasSources: Bool { isConfigured || images.readsThisMachine || !images.folders.isEmpty }

    /// Instead of the filters of the entries: given on the command line.
    var namespaces: NamespaceFilter?

    var theme = "default-dark"
    var keys: [String: [String]] = [:]
    var glyphs = GlyphChoice.auto
    var color = ColorChoice.auto
    var allowWrites = false

    enum GlyphChoice: String, CaseIterable, Sendable { case auto, box, ascii }
    enum ColorChoice: String, CaseIterable, Sendable { case auto, mono, ansi8, ansi16, indexed256, direct }

    /// What is wrong with a file: where, and what is expected.
    struct Problem: Error, Equatable, CustomStringConvertible {
        var file: String
        var line: Int
        var text: String

        var description: String { "\(file):\(line): \(text)" }
    }
}

/// One line of the register of config keys: the template of `slipway config init` and README's table are made from it.
struct ConfigKey {
    let name: String
    let example: String
    let meaning: String

    static let all: [ConfigKey] = [
        ConfigKey(
            name: "metal", example: "http://127.0.0.1:8080",
            meaning: "a status API: its address, or a list of entries with the keys below"),
        ConfigKey(name: "metal.url", example: "https://pxe.example:8443", meaning: "where it is"),
        ConfigKey(name: "metal.name", example: "lab-orch", meaning: "what the screen calls it; the host without it"),
        ConfigKey(
            name: "metal.timezone", example: "Europe/Berlin",
            meaning: "whose clock its times show, where they have no zone; UTC without it"),
        ConfigKey(
            name: "metal.token", example: "{file: /etc/slipway/token}",
            meaning: "a bearer token from a file, or with {env: NAME} from the environment"),
        ConfigKey(name: "metal.ca", example: "/etc/ssl/lab-ca.pem", meaning: "a CA to trust instead of the system's"),
        ConfigKey(
            name: "metal.limits", example: "{installation: 2400}",
            meaning: "seconds a phase may take, where the service's own limits were changed"),
        ConfigKey(
            name: "pcluster", example: "[us-east-1, eu-west-1]",
            meaning: "ParallelCluster: regions, or an entry or a list of entries with the keys below"),
        ConfigKey(name: "pcluster.regions", example: "[us-east-1]", meaning: "the regions that are read"),
        ConfigKey(
            name: "pcluster.name", example: "research", meaning: "what the screen calls the account, before the region"),
        ConfigKey(
            name: "pcluster.profile", example: "research-ro", meaning: "the AWS profile; the usual one without it"),
        ConfigKey(
            name: "pcluster.program", example: "/opt/pcluster/bin/pcluster",
            meaning: "where pcluster is; looked for in PATH without it"),
        ConfigKey(name: "pcluster.limit", example: "2700", meaning: "seconds a creation may take; 1800 without it"),
        ConfigKey(
            name: "kubernetes", example: "[mgmt-eu, mgmt-us]",
            meaning:
                "k0rdent's management clusters: kube contexts, or an entry or a list of entries with the keys below"),
        ConfigKey(name: "kubernetes.contexts", example: "[mgmt-eu]", meaning: "the contexts that are read"),
        ConfigKey(
            name: "kubernetes.name", example: "lab",
            meaning: "what the screen calls the kubeconfig, before the context"),
        ConfigKey(
            name: "kubernetes.namespaces", example: "'^(kcm-system|team-.*)$'",
            meaning: "a regular expression: only namespaces that it is found in are read; all without it"),
        ConfigKey(
            name: "kubernetes.kubeconfig", example: "/etc/slipway/kubeconfig",
            meaning: "the kubeconfig; where kubectl itself looks without it"),
        ConfigKey(
            name: "kubernetes.program", example: "/opt/bin/kubectl",
            meaning: "where kubectl is; looked for in PATH without it"),
        ConfigKey(
            name: "kubernetes.limit", example: "5400", meaning: "seconds a deployment may take; 3600 without it"),
        ConfigKey(
            name: "pool", example: "[training]",
            meaning:
                "practice clusters on KubeVirt: kube contexts, or an entry or a list of entries with the keys below"),
        ConfigKey(name: "pool.contexts", example: "[training]", meaning: "the contexts that are read"),
        ConfigKey(
            name: "pool.sessions", example: "http://cks.example:8080",
            meaning:
                "the backend that lends the clusters: who holds one is read there; from annotations only without it"),
        ConfigKey(
            name: "pool.clusters", example: "[cluster1, cluster2]",
            meaning: "the clusters that a bootstrap of all makes; cluster1 to cluster3 without it"),
        ConfigKey(
            name: "pool.minutes", example: "90",
            meaning: "how long a session may hold a cluster, where it does not say; 60 without it"),
        ConfigKey(
            name: "pool.templates", example: "/etc/slipway/templates",
            meaning:
                "a folder with machine templates; the built-in ones, which `slipway pool templates` writes, without it"),
        ConfigKey(
            name: "pool.ssh-user", example: "ubuntu",
            meaning: "who logs in to a new control plane, to read how its worker joins; ubuntu without it"),
        ConfigKey(
            name: "pool.ssh-key", example: "/etc/slipway/pool-key",
            meaning: "the private key for it; ssh's own without it"),
        ConfigKey(
            name: "pool.virtctl", example: "/opt/bin/virtctl",
            meaning: "where virtctl is, which a bootstrap needs; looked for in PATH without it"),
        ConfigKey(
            name: "pool.name", example: "lab", meaning: "what the screen calls the kubeconfig, before the context"),
        ConfigKey(
            name: "pool.kubeconfig", example: "/etc/slipway/kubeconfig",
            meaning: "the kubeconfig; where kubectl itself looks without it"),
        ConfigKey(
            name: "pool.program", example: "/opt/bin/kubectl",
            meaning: "where kubectl is; looked for in PATH without it"),
        ConfigKey(
            name: "images", example: "[ops@builder-1]",
            meaning:
                "builders whose image builds are read through ssh, or an entry with the keys below; builds of this machine, pctl's and petal's are read anyhow"
        ),
        ConfigKey(
            name: "images.builders", example: "[ops@builder-1]", meaning: "builders whose builds are read through ssh"),
        ConfigKey(
            name: "images.aws", example: "/opt/bin/aws",
            meaning: "where aws is, which tells the progress of pctl's builders; looked for in PATH without it"),
        ConfigKey(name: "images.profile", example: "research-ro", meaning: "the AWS profile; the usual one without it"),
        ConfigKey(
            name: "images.pcluster", example: "false",
            meaning: "whether images of `pcluster build-image` are read in the regions of pcluster; they are without it"
        ),
        ConfigKey(name: "theme", example: "default-dark", meaning: "a built-in theme, or a file in the themes folder"),
        ConfigKey(name: "glyphs", example: "auto", meaning: "auto, box or ascii"),
        ConfigKey(name: "color", example: "auto", meaning: "auto, mono, ansi8, ansi16, indexed256 or direct"),
        ConfigKey(name: "keys", example: "{quit: [q, C-q]}", meaning: "other keys for a command of `slipway keys`"),
        ConfigKey(name: "allow-writes", example: "false", meaning: "whether actions that change something are offered"),
    ]

    /// A config in which every line is commented out.
    static var template: String {
        var text = "# Slipway's configuration. Every key is optional; a line without # counts.\n"
        for key in all {
            let indent = key.name.contains(".") ? "#    " : "#"
            let name = key.name.split(separator: ".").last.map(String.init) ?? key.name
            text += "\n# \(key.name): \(key.meaning)\n\(indent)\(name): \(key.example)\n"
        }
        return text
    }
}
