import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// What a person is told when a deployment fails or is about to: the cause, what speaks for it, what to do.
@Suite struct DeploymentTroubleTests {
    private let rules = DeploymentRules(source: SourceID("mgmt"), context: "mgmt")
    private let kubectl = "kubectl --context mgmt -n kcm-system"

    private func attention(
        _ wire: WireDeployment, at seconds: Double, change: (inout DeploymentReading) -> Void = { _ in }
    ) -> Attention? {
        var reading = DeploymentReading(wire: wire, now: Sample.at(seconds))
        change(&reading)
        let now = Sample.at(seconds)
        return rules.item(reading, runs: [], now: now).attention(at: now, source: nil)
    }

    @Test func aBrokenCredentialIsNamedWithItsCommand() throws {
        let message = "the Credential kcm-system/azure-cred is not ready"
        let wire = Sample.wire([
            Sample.condition("CredentialReady", "False", "Failed", message), Sample.ready("False", "Failed", message),
        ])
        let told = try #require(attention(wire, at: 60))
        #expect(told.reason == .failed && told.cause == "The credential is not ready: \(message).")
        #expect(told.next.first == "\(kubectl) describe credentials.k0rdent.mirantis.com azure-cred")
        #expect(Set(told.next).count == told.next.count)
    }

    @Test(arguments: [
        (
            "TemplateReady", "The template is not valid: broken.",
            "describe clustertemplates.k0rdent.mirantis.com azure-standalone-cp-1-0-15"
        ),
        (
            "ServicesReferencesValidation", "A service refers to something that does not exist: broken.",
            "get servicesets.k0rdent.mirantis.com"
        ),
        (
            "PredeclaredSecretsExist", "A secret that it names does not exist: broken.",
            "describe clusterdeployments.k0rdent.mirantis.com demo"
        ),
    ])
    func eachPrerequisiteHasItsSentence(type: String, cause: String, command: String) throws {
        let told = try #require(attention(Sample.wire([Sample.condition(type, "False", "Failed", "broken.")]), at: 60))
        #expect(told.cause == cause && told.next.first?.contains(command) == true)
    }

    @Test func aStalledClusterTellsWhatHoldsItAndWhatItMeans() throws {
        let message =
            "Cluster is not ready. Check the provider logs for more details.\n* InfrastructureReady: quota exceeded"
        let wire = Sample.wire([
            Sample.summary("* InfrastructureReady: quota exceeded", Sample.control, Sample.probe),
            Sample.ready("False", "Failed", message),
        ])
        let told = try #require(
            attention(wire, at: 1900) { reading in
                reading.events = (0..<5).map {
                    DeploymentDetail.KubeEvent(
                        at: Sample.at(Double($0)), type: "Warning", reason: "ReconcileError",
                        object: "AzureCluster demo",
                        message: "try \($0)\u{1B}[0m")
                }
            })
        #expect(
            told.cause
                == "The cluster was not complete after 30m: InfrastructureReady: quota exceeded (the provider's quota is used up)."
        )
        #expect(told.signs.first == "InfrastructureReady: quota exceeded")
        #expect(told.signs.last == "ReconcileError AzureCluster demo: try 4\u{FFFD}[0m" && told.signs.count <= 6)
        #expect(!told.signs.contains { $0.contains("RemoteConnectionProbe") })
        #expect(told.next.contains("az vm list-usage --location eastus -o table"))
        #expect(
            told.next.contains(
                "kubectl --context mgmt -n kcm-system logs deployment/capz-controller-manager --tail=200"))
    }

    @Test func aChartThatFailsPointsAtItsRelease() throws {
        let wire = Sample.wire([
            Sample.condition("HelmReleaseReady", "False", "InstallFailed", "timed out waiting for the condition")
        ])
        let told = try #require(attention(wire, at: 300))
        #expect(
            told.cause.hasPrefix("Its chart could not be installed: timed out waiting")
                && told.cause.hasSuffix("(it took too long)."))
        #expect(told.next.contains("\(kubectl) describe helmreleases.helm.toolkit.fluxcd.io demo"))
    }

    @Test func aFailureOfTheFlatShapeIsToldInItsOwnWords() throws {
        let wire = Sample.wire([Sample.ready("False", "Failed", "provisioning failed: AuthFailure")])
        let told = try #require(attention(wire, at: 60))
        #expect(
            told.cause.hasPrefix(
                "It says that it has failed: provisioning failed: AuthFailure (the provider does not accept"))
    }

    @Test func whatDoesNotMendItselfIsToldBeforeItFails() throws {
        let wire = Sample.wire([
            Sample.installed, Sample.summary("* InfrastructureReady: QuotaExceeded for cores"), Sample.ready("False"),
        ])
        let told = try #require(attention(wire, at: 120))
        #expect(
            told.reason == .atRisk
                && told.cause.hasPrefix("Provisioning cannot go on: InfrastructureReady: QuotaExceeded"))
        let slow = Sample.wire([
            Sample.installed, Sample.summary("* InfrastructureReady: Throttling: Rate exceeded"), Sample.ready("False"),
        ])
        #expect(attention(slow, at: 120) == nil)
    }

    @Test func theLastFiveOfThirtyMinutesAreAWarning() throws {
        let wire = Sample.wire([Sample.installed, Sample.summary(Sample.infrastructure), Sample.ready("False")])
        #expect(attention(wire, at: 1500)?.reason == .silent, "nothing was heard for long, but there is time")
        let told = try #require(
            attention(wire, at: 1600) { reading in
                reading.milestones = [
                    DeploymentDetail.Milestone(
                        at: Sample.at(1590), phase: "Provisioning", text: "subnet started",
                        reason: "BeginCreateOrUpdate",
                        object: "Subnet demo")
                ]
            })
        #expect(told.reason == .atRisk)
        #expect(
            told.cause.hasPrefix(
                "The cluster is not complete after 26m; at 30m it counts as failed: InfrastructureReady"))
    }

    @Test func aServiceThatFailsIsNamedWithItsMessage() throws {
        let service = WireService(
            name: "ingress", namespace: "ingress", state: "Failed", failureMessage: "ImagePullBackOff: ingress")
        let wire = Sample.wire(Sample.moments[4].conditions, services: [service])
        let told = try #require(attention(wire, at: 390))
        #expect(
            told.reason == .atRisk
                && told.cause == "A service has failed: ingress: ImagePullBackOff: ingress (an image cannot be pulled)."
        )
        #expect(told.next.contains { $0.contains("get servicesets.k0rdent.mirantis.com") })
    }

    @Test func aMachineThatFailedIsASign() throws {
        let wire = Sample.wire([Sample.condition("TemplateReady", "False", "Failed", "bad")])
        let told = try #require(
            attention(wire, at: 60) { reading in
                reading.tree.objects = [
                    DeploymentDetail.ClusterObject(
                        kind: "Machine", name: "demo-md-0", depth: 1, word: "Failed", state: .failed,
                        text: "InsufficientInstanceCapacity")
                ]
            })
        #expect(told.signs == ["Machine demo-md-0: InsufficientInstanceCapacity"])
        #expect(told.cause.contains("no free machines of this type"))
    }

    @Test(arguments: [
        (
            "aws", "aws service-quotas list-service-quotas --service-code ec2 --region eastus" as String?,
            "capa" as String?
        ),
        ("gcp", "gcloud compute regions describe eastus", "capg"),
        ("openstack", "openstack quota show --usage", "capo"),
        ("vsphere", nil, "capv"), ("adopted", nil, nil),
    ])
    func eachProviderHasItsOwnCommands(provider: String, quota: String?, controller: String?) {
        let wire = Sample.wire([], template: "\(provider)-standalone-cp-1-0-0")
        let advice = DeploymentAdvice(command: "kubectl --context mgmt", wire: wire, place: DeploymentPlace(wire))
        #expect(advice.quota == quota)
        let logs = controller.map {
            "kubectl --context mgmt -n kcm-system logs deployment/\($0)-controller-manager --tail=200"
        }
        #expect(advice.providerLogs == logs)
    }

    @Test(arguments: ProvisioningPhase.allCases)
    func everyPhaseHasAdviceThatCanBeCopied(phase: ProvisioningPhase) {
        let wire = Sample.wire([])
        let advice = DeploymentAdvice(command: "kubectl --context mgmt", wire: wire, place: DeploymentPlace(wire))
        let steps = advice.steps(DeploymentStanding(phase: phase))
        #expect(!steps.isEmpty && steps.allSatisfy { $0.hasPrefix("kubectl --context mgmt -n ") })
    }

    @Test func aCopiedCommandRunsNothingElse() {
        #expect(ShellText.word("arn:aws:eks:eu:1:cluster/a") == "arn:aws:eks:eu:1:cluster/a")
        #expect(ShellText.word("a; rm -rf ~") == "'a; rm -rf ~'")
        #expect(ShellText.word("it's $(x)") == #"'it'\''s $(x)'"#)
        #expect(ShellText.word("--raw=/x") == "'raw=/x'" && ShellText.word("-v") == "v")
        #expect(ShellText.word("") == "''")
    }

    @Test func hintsAreFoundInAnyCaseAndOnlyWhereTheyFit() {
        #expect(TroubleHint.first(for: "AccessDenied: no")?.meaning == "the credential may not do this")
        #expect(TroubleHint.first(for: "dial tcp: no such host")?.isLasting == false)
        #expect(
            TroubleHint.first(for: "virtualnetworks creating or updating") == nil && TroubleHint.first(for: "") == nil)
        #expect(TroubleHint.all.allSatisfy { $0.words.allSatisfy { $0 == $0.lowercased() } })
    }
}
