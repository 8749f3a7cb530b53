import Fleet

/// Next steps for a person, as commands that can be copied. Nothing in them writes.
struct DeploymentAdvice: Sendable {
    /// `kubectl --context mgmt`
    let command: String
    let wire: WireDeployment
    let place: DeploymentPlace

    /// The controllers of each provider, in the namespace where k0rdent installs them.
    private static let controllers = [
        "aws": "capa-controller-manager", "azure": "capz-controller-manager", "gcp": "capg-controller-manager",
        "vsphere": "capv-controller-manager", "openstack": "capo-controller-manager",
    ]
    private static let systemNamespace = "kcm-system"

    /// What to look at in the present phase.
    func steps(_ standing: DeploymentStanding) -> [String] {
        if standing.isDeleting { return [describe, machines, providerLogs].compactMap { $0 } }
        switch standing.reached {
        case .initializing, .unknown, .failed: return [describe, release, template, credential].compactMap { $0 }
        case .provisioning: return [describe, providerLogs, cluster].compactMap { $0 }
        case .bootstrapping, .scaling: return [machines, describe, providerLogs].compactMap { $0 }
        case .installing: return [services, describe]
        case .ready: return [describe]
        }
    }

    var describe: String { kubectl("describe clusterdeployments.k0rdent.mirantis.com \(name)") }
    var cluster: String { kubectl("describe clusters.cluster.x-k8s.io \(name)") }
    var machines: String {
        kubectl("get machines.cluster.x-k8s.io -l cluster.x-k8s.io/cluster-name=\(name) -o wide")
    }
    var release: String { kubectl("describe helmreleases.helm.toolkit.fluxcd.io \(name)") }
    var services: String { kubectl("get servicesets.k0rdent.mirantis.com -o wide") }
    var controller: String { logs("kcm-controller-manager") }
    var template: String? {
        wire.template.isEmpty
            ? nil : kubectl("describe clustertemplates.k0rdent.mirantis.com \(ShellText.word(wire.template))")
    }
    var credential: String? {
        wire.credential.map { kubectl("describe credentials.k0rdent.mirantis.com \(ShellText.word($0))") }
    }
    /// Nil for a provider whose controllers are not known.
    var providerLogs: String? { place.provider.flatMap { Self.controllers[$0] }.map(logs) }

    /// How the provider itself tells what is left of its quota; nil where that takes more than one command.
    var quota: String? {
        let region = place.region.map(ShellText.word)
        switch (place.provider, region) {
        case ("aws", let region?): return "aws service-quotas list-service-quotas --service-code ec2 --region \(region)"
        case ("azure", let region?): return "az vm list-usage --location \(region) -o table"
        case ("gcp", let region?): return "gcloud compute regions describe \(region)"
        case ("openstack", _): return "openstack quota show --usage"
        default: return nil
        }
    }

    private var name: String { ShellText.word(wire.metadata.name) }

    private func kubectl(_ words: String) -> String {
        "\(command) -n \(ShellText.word(wire.metadata.namespace)) \(words)"
    }

    private func logs(_ deployment: String) -> String {
        "\(command) -n \(Self.systemNamespace) logs deployment/\(deployment) --tail=200"
    }
}
