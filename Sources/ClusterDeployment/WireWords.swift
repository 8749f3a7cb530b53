import Fleet
import Upstream

/// The words that stand in every deployment's conditions. Thousands of deployments share one copy of each.
enum WireWords {
    static let ready = "Ready"
    static let summary = "CAPIClusterSummary"
    static let services = "ServicesInReadyState"
    static let release = "HelmReleaseReady"
    static let deleting = "Deleting"
    static let paused = "Paused"

    private static let known: [String: String] = Dictionary(
        uniqueKeysWithValues: [
            ready, summary, services, release, deleting, paused, "CredentialReady", "TemplateReady", "HelmChartReady",
            "ServicesReferencesValidation", "ServicesDependencyValidation", "SveltosClusterReady",
            "FetchServicesStatusSuccess", "ClusterDataSourceReady", "DataSourceReady", "ClusterAuthenticationReady",
            "ClusterAuditPolicyReady", "PredeclaredSecretsExist", "HelmChartNameChanged", "InfrastructureReady",
            "ControlPlaneInitialized", "ControlPlaneAvailable", "ControlPlaneMachinesReady", "WorkersAvailable",
            "WorkerMachinesReady", "RemoteConnectionProbe", "ServicesInstalled", "True", "False", "Unknown",
            "Succeeded", "Progressing", "Failed", "InstallSucceeded", "UpgradeSucceeded", "IssuesReported",
            "InfoReported", "UnknownReported", "CAPIClusterMissing", "NotPaused", "Object is ready",
            "Helm install succeeded", "Helm upgrade succeeded", "Template is valid", "Credential is Ready",
            "Helm chart is valid", "ClusterTemplate is ready",
        ].map { ($0, $0) })

    /// The condition with shared words, and with messages that are harmless, not long, and without secrets.
    static func distilled(_ condition: KubeCondition) -> KubeCondition {
        var condition = condition
        condition.type = shared(condition.type)
        condition.status = shared(condition.status)
        condition.reason = shared(condition.reason)
        if condition.type == summary {
            // Looked through before it is cut: half a password is still one.
            let lines = String(condition.message.unicodeScalars.prefix(2 * WireDeployment.summaryLimit))
                .split(separator: "\n", omittingEmptySubsequences: false)
            let shown = lines.map { SecretText.hidden(String($0)) }.joined(separator: "\n")
            condition.message = String(shown.unicodeScalars.prefix(WireDeployment.summaryLimit))
        } else {
            condition.message = known[condition.message] ?? SecretText.line(condition.message)
        }
        return condition
    }

    private static func shared(_ text: String) -> String { known[text] ?? SafeText.line(text, limit: 80) }
}
