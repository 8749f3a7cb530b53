import Fleet
import Foundation
import Testing

@testable import ClusterDeployment

private typealias Sample = EventSamples

/// Every line of the register, in the words of the controllers that say it.
@Suite struct EventPatternTests {
    /// Reason, kind, type, message; then the pattern, phase, severity and words.
    static let table: [(String, String, String, String, String, ProvisioningPhase, String, String)] = [
        (
            "HelmReleaseCreated", "ClusterDeployment", "N", "", "helm-release-created", .initializing, "info",
            "Helm release created"
        ),
        ("InstallSucceeded", "HelmRelease", "N", "", "chart-installed", .initializing, "info", "chart installed"),
        (
            "HelmReleaseIsReady", "ClusterDeployment", "N", "Helm install succeeded", "release-ready", .initializing,
            "info", "chart installed"
        ),
        (
            "CAPIClusterIsProvisioning", "ClusterDeployment", "N", "", "deployment-provisioning", .provisioning, "info",
            "provisioning started"
        ),
        ("CAPIClusterIsReady", "ClusterDeployment", "N", "", "deployment-ready", .ready, "info", "cluster ready"),
        (
            "ProvisioningFailed", "ClusterDeployment", "W", "quota", "provisioning-failed", .failed, "error",
            "provisioning failed: quota"
        ),
        (
            "CredentialNotReady", "ClusterDeployment", "W", "azure-cred is not ready", "prerequisite", .initializing,
            "warning", "azure-cred is not ready"
        ),
        ("ServiceInstalling", "ServiceSet", "N", "ingress", "services-installing", .installing, "info", "ingress"),
        ("ServiceReady", "ServiceSet", "N", "ingress", "service-ready", .installing, "info", "ingress"),
        (
            "ServiceSetCollectServiceStatusesFailed", "ServiceSet", "W", "no answer", "service-status", .installing,
            "warning", "service status not readable: no answer"
        ),
        ("Provisioning", "Cluster", "N", "", "cluster-provisioning", .provisioning, "info", "provisioning started"),
        ("Provisioned", "Cluster", "N", "", "infrastructure-ready", .bootstrapping, "info", "infrastructure ready"),
        (
            "ControlPlaneReady", "K0sControlPlane", "N", "", "control-plane-ready", .scaling, "info",
            "control plane ready"
        ),
        (
            "Failed", "Cluster", "W", "Cluster demo is Failed", "cluster-failed", .failed, "error",
            "Cluster demo is Failed"
        ),
        (
            "SuccessfulCreate", "MachineDeployment", "N", "", "worker-deployment", .provisioning, "info",
            "worker deployment created"
        ),
        (
            "SuccessfulCreate", "MachineSet", "N", "Created machine \"demo-md\"", "machine-created", .provisioning,
            "info", "worker machine created"
        ),
        (
            "FailedCreate", "MachineSet", "W", "Failed to create machine", "machine-not-created", .provisioning,
            "warning", "Failed to create machine"
        ),
        (
            "MachineReady", "Machine", "N", "Control Plane machine is ready", "control-plane-machine", .bootstrapping,
            "info", "Control Plane machine is ready"
        ),
        (
            "MachineReady", "Machine", "N", "worker machine is ready", "worker-machine", .scaling, "info",
            "worker machine is ready"
        ),
        ("NodeJoined", "Machine", "N", "", "node-joined", .scaling, "info", "node joined: demo-x"),
        ("SuccessfulSetNodeRef", "Machine", "N", "node-1", "node-known", .scaling, "info", "node joined: node-1"),
        (
            "BeginCreateOrUpdate", "ResourceGroup", "N", "", "azure-group", .provisioning, "info",
            "resource group started"
        ),
        ("BeginCreateOrUpdate", "VirtualNetwork", "N", "", "azure-network", .provisioning, "info", "network started"),
        ("BeginCreateOrUpdate", "Subnet", "N", "", "azure-subnet", .provisioning, "info", "subnet started"),
        ("BeginCreateOrUpdate", "NatGateway", "N", "", "azure-nat", .provisioning, "info", "NAT gateway started"),
        (
            "BeginCreateOrUpdate", "NetworkSecurityGroup", "N", "", "azure-security", .provisioning, "info",
            "security group started"
        ),
        (
            "ClusterReconcilerNormalFailed", "AzureCluster", "W", "not done", "azure-reconcile", .provisioning,
            "warning", "Azure: not done"
        ),
        ("SuccessfulCreateVPC", "AWSCluster", "N", "", "aws-vpc", .provisioning, "info", "VPC created"),
        ("SuccessfulCreateSubnet", "AWSCluster", "N", "", "aws-subnet", .provisioning, "info", "subnet created"),
        (
            "SuccessfulCreateInternetGateway", "AWSCluster", "N", "", "aws-gateway", .provisioning, "info",
            "internet gateway created"
        ),
        ("SuccessfulCreateNATGateway", "AWSCluster", "N", "", "aws-nat", .provisioning, "info", "NAT gateway created"),
        (
            "SuccessfulCreateRouteTable", "AWSCluster", "N", "", "aws-routes", .provisioning, "info",
            "route table created"
        ),
        (
            "SuccessfulCreateSecurityGroup", "AWSCluster", "N", "", "aws-security", .provisioning, "info",
            "security group created"
        ),
        ("SuccessfulCreateBastion", "AWSCluster", "N", "", "aws-bastion", .provisioning, "info", "bastion created"),
        (
            "FailedCreateVPC", "AWSCluster", "W", "VpcLimitExceeded", "aws-infrastructure-failed", .provisioning,
            "warning", "AWS: VpcLimitExceeded"
        ),
        (
            "SuccessfulCreate", "AWSMachine", "N", "Created new control-plane instance with id \"i-1\"",
            "aws-control-plane-instance", .bootstrapping, "info", "control plane instance created"
        ),
        (
            "SuccessfulCreate", "AWSMachine", "N", "Created new node instance with id \"i-2\"", "aws-worker-instance",
            .scaling, "info", "worker instance created"
        ),
        ("SuccessfulCreate", "AWSMachinePool", "N", "", "aws-group", .scaling, "info", "worker group created"),
        (
            "FailedCreate", "AWSMachine", "W", "InsufficientInstanceCapacity", "aws-instance-failed", .provisioning,
            "warning", "AWS: InsufficientInstanceCapacity"
        ),
        (
            "GCPClusterReconcile", "GCPCluster", "N", "Got control-plane endpoint - 10.0.0.1", "gcp-endpoint",
            .provisioning, "info", "control plane address assigned"
        ),
        (
            "GCPClusterReconcile", "GCPCluster", "W", "Reconcile error - quota", "gcp-cluster-failed", .provisioning,
            "warning", "GCP: Reconcile error - quota"
        ),
        (
            "GCPMachineReconcile", "GCPMachine", "N", "GCPMachine instance is running - instance-id: 1", "gcp-instance",
            .bootstrapping, "info", "instance running"
        ),
        (
            "GCPMachineReconcile", "GCPMachine", "W", "Reconcile error - stockout", "gcp-machine-failed", .provisioning,
            "warning", "GCP: Reconcile error - stockout"
        ),
        (
            "ReconcileFailure", "VSphereCluster", "W", "no session", "vsphere-cluster-failed", .provisioning, "warning",
            "vSphere: no session"
        ),
        (
            "ReconcileFailure", "VSphereMachine", "W", "no template", "vsphere-machine-failed", .provisioning,
            "warning", "vSphere: no template"
        ),
        (
            "SuccessfulCreateNetwork", "OpenStackCluster", "N", "", "openstack-network", .provisioning, "info",
            "network created"
        ),
        (
            "SuccessfulCreateSubnet", "OpenStackCluster", "N", "", "openstack-subnet", .provisioning, "info",
            "subnet created"
        ),
        (
            "SuccessfulCreateRouter", "OpenStackCluster", "N", "", "openstack-router", .provisioning, "info",
            "router created"
        ),
        (
            "SuccessfulCreateSecurityGroup", "OpenStackCluster", "N", "", "openstack-security", .provisioning, "info",
            "security group created"
        ),
        (
            "SuccessfulCreateFloatingIP", "OpenStackCluster", "N", "", "openstack-address", .provisioning, "info",
            "floating IP created"
        ),
        (
            "SuccessfulCreateLoadBalancer", "OpenStackCluster", "N", "", "openstack-balancer", .provisioning, "info",
            "load balancer created"
        ),
        (
            "FailedCreateRouter", "OpenStackCluster", "W", "conflict", "openstack-infrastructure-failed", .provisioning,
            "warning", "OpenStack: conflict"
        ),
        (
            "SuccessfulCreateServer", "OpenStackMachine", "N", "", "openstack-server", .bootstrapping, "info",
            "server created"
        ),
        (
            "FailedCreateServer", "OpenStackMachine", "W", "no valid host", "openstack-server-failed", .provisioning,
            "warning", "OpenStack: no valid host"
        ),
    ]

    /// What a filter that has seen nothing yet says.
    private func first(
        _ reason: String, _ kind: String, _ message: String, _ type: String
    ) -> DeploymentDetail.Milestone? {
        var filter = EventFilter()
        let event = Sample.event(reason, kind, "demo-x", message, type: type == "W" ? "Warning" : "Normal")
        guard case .milestone(let milestone) = filter.take(event, now: DeploymentSamples.at(0)) else { return nil }
        return milestone
    }

    @Test(arguments: table.indices)
    func everyPatternFiresAndItsNearMissesDoNot(row: Int) throws {
        let (reason, kind, type, message, id, phase, severity, text) = Self.table[row]
        for (reason, kind) in [(reason, kind), (reason.uppercased(), kind.lowercased())] {
            let milestone = try #require(first(reason, kind, message, type))
            #expect(milestone.text == text)
            #expect(milestone.phase == phase.rawValue)
            #expect(milestone.severity.rawValue == severity)
            #expect(milestone.object == "\(kind) demo-x")
        }
        #expect(first(reason + "Again", kind, message, type) == nil)
        #expect(first(String(reason.dropLast()), kind, message, type) == nil)
        #expect(first(reason, kind + "Template", message, type) == nil)
        let pattern = try #require(EventPatterns.shared?.patterns.first { $0.id == id })
        if pattern.message != nil { #expect(first(reason, kind, "something else", type) == nil) }
        if pattern.type != nil { #expect(first(reason, kind, message, type == "W" ? "N" : "W") == nil) }
        // All its reasons and kinds say the same.
        for reason in pattern.reasons {
            for kind in pattern.kinds { #expect(first(reason, kind, message, type)?.text == text) }
        }
    }

    @Test func theRegisterIsWholeAndSpeaksForEveryProvider() throws {
        let register = try #require(EventPatterns.shared)
        #expect(register.patterns.map(\.id) == Self.table.map(\.4))
        #expect(
            Set(register.patterns.compactMap(\.provider)) == ["aws", "azure", "gcp", "openstack", "vsphere"])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(EventNeedle.self, from: Data(#""ab""#.utf8))
        }
    }

    @Test(arguments: [
        ("ArtifactUpToDate", "HelmChart", "Normal", ""), ("NotArtifactUpToDateYet", "HelmChart", "Normal", ""),
        ("OwnerRefNotSet", "AzureCluster", "Normal", ""), ("VMIdentityNone", "AzureMachine", "Normal", ""),
        ("CredentialFrom", "VirtualNetwork", "Normal", ""), ("MachineReconcilerFailed", "AzureMachine", "Warning", ""),
        ("ServiceSetEnsureProfileFailed", "ServiceSet", "Warning", ""),
        ("NodeJoined", "Machine", "Normal", "waitingForControlPlaneInitialization"),
        ("NodeJoined", "Machine", "Normal", "reason: WaitingForClusterInfrastructure"),
        ("NodeJoined", "Machine", "Normal", "Machine Controller dependency not yet met"),
    ])
    func noiseIsNoise(reason: String, kind: String, type: String, message: String) {
        var filter = EventFilter()
        let verdict = filter.take(Sample.event(reason, kind, "demo-x", message, type: type), now: .distantPast)
        #expect(verdict == .suppressed(.noise))
        #expect(filter.suppressed == 1)
    }
}
