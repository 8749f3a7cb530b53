import Fleet

/// What one cloud's controllers make of a deployment: their kinds, and what they say while they build.
struct KordentProvider: Sendable {
    /// Something that the infrastructure's controller reports on its way.
    struct Step: Sendable {
        /// Seconds since the creation, at the pace of the recorded Azure run.
        var at: Double
        var kind: String
        /// What the object's name has behind that of the deployment.
        var suffix: String
        /// Empty for what makes no event: some controllers tell of progress by conditions only.
        var reason: String
        var message: String
        /// What `InfrastructureReady` says from then on.
        var state: String
    }

    /// Something that is said again and again, and means nothing.
    struct Noise: Sendable {
        var kind: String
        var suffix: String
        var type = "Normal"
        var reason: String
        var message: String
        /// How often while a cluster is built.
        var times: Int
    }

    let name: String
    /// `AzureCluster`, with the group and version of all of its kinds.
    let cluster: String
    let machine: String
    let apiVersion: String
    /// The controller that speaks about them.
    let component: String
    /// With its version, as `spec.template` has it.
    let template: String
    let credential: String
    let config: JSONValue
    /// How long everything takes, as a share of the recorded run.
    let pace: Double
    let steps: [Step]
    let noise: [Noise]
    /// What `InfrastructureReady` says when it is stuck, and the reason of the event that says so again and again.
    let trouble: String
    let failure: String
    /// How the controller tells of an instance that it has made; nil if it does not.
    var instance: Instance?

    struct Instance: Sendable {
        var reason: String
        var controlPlane: String
        var worker: String
    }

    static let azure = KordentProvider(
        name: "azure", cluster: "AzureCluster", machine: "AzureMachine",
        apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1", component: "capz-controller-manager",
        template: "azure-standalone-cp-1-0-15",
        credential: "azure-cred",
        config: [
            "location": "eastus", "controlPlane": ["vmSize": "Standard_A4_v2"], "worker": ["vmSize": "Standard_A4_v2"],
        ], pace: 1,
        steps: [
            Step(
                at: 27, kind: "ResourceGroup", suffix: "", reason: "BeginCreateOrUpdate",
                message: "Successfully sent resource to Azure with ID", state: "resourcegroups creating or updating"),
            Step(
                at: 63, kind: "VirtualNetwork", suffix: "-vnet", reason: "BeginCreateOrUpdate",
                message: "Successfully sent resource to Azure with ID", state: "virtualnetworks creating or updating"),
            Step(
                at: 93, kind: "NatGateway", suffix: "-node-natgw", reason: "BeginCreateOrUpdate",
                message: "Successfully sent resource to Azure with ID", state: "natgateways creating or updating"),
            Step(
                at: 127, kind: "Subnet", suffix: "-controlplane-subnet", reason: "BeginCreateOrUpdate",
                message: "Successfully sent resource to Azure with ID", state: "subnets creating or updating"),
            Step(
                at: 127, kind: "Subnet", suffix: "-node-subnet", reason: "BeginCreateOrUpdate",
                message: "Successfully sent resource to Azure with ID", state: "subnets creating or updating"),
        ],
        noise: [
            Noise(
                kind: "AzureCluster", suffix: "", type: "Warning", reason: "ClusterReconcilerNormalFailed",
                message: "failed to reconcile cluster services: operation type PUT on Azure resource is not done",
                times: 9),
            Noise(
                kind: "AzureCluster", suffix: "", reason: "OwnerRefNotSet",
                message: "Cluster Controller has not yet set OwnerRef", times: 3),
            Noise(
                kind: "AzureMachine", suffix: "-cp-0", type: "Warning", reason: "VMIdentityNone",
                message: "You are using Service Principal authentication, which is less secure than Managed Identity",
                times: 11),
            Noise(
                kind: "VirtualNetwork", suffix: "-vnet", reason: "CredentialFrom",
                message: "Using credential from \"kcm-system/azure-aso-credential\"", times: 6),
            Noise(
                kind: "NatGateway", suffix: "-node-natgw", reason: "CredentialFrom",
                message: "Using credential from \"kcm-system/azure-aso-credential\"", times: 6),
        ], trouble: "quota exceeded: cores of family standardAv2 in eastus, 10 of 10 used",
        failure: "ClusterReconcilerNormalFailed")

    static let aws = KordentProvider(
        name: "aws", cluster: "AWSCluster", machine: "AWSMachine",
        apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2", component: "capa-controller-manager",
        template: "aws-standalone-cp-1-0-16",
        credential: "aws-cred",
        config: [
            "region": "us-west-2", "controlPlane": ["instanceType": "t3.large"],
            "worker": ["instanceType": "t3.xlarge"],
        ], pace: 0.92,
        steps: [
            Step(
                at: 18, kind: "AWSCluster", suffix: "", reason: "SuccessfulCreateVPC",
                message: "Created new managed VPC \"vpc-0a61d7\"", state: "VpcReady: creating"),
            Step(
                at: 40, kind: "AWSCluster", suffix: "", reason: "SuccessfulCreateSubnet",
                message: "Created new managed Subnet \"subnet-07be1c\"", state: "SubnetsReady: creating"),
            Step(
                at: 66, kind: "AWSCluster", suffix: "", reason: "SuccessfulCreateInternetGateway",
                message: "Created new managed Internet Gateway \"igw-04f2aa\"", state: "InternetGatewayReady: creating"),
            Step(
                at: 92, kind: "AWSCluster", suffix: "", reason: "SuccessfulCreateNATGateway",
                message: "Created new NAT Gateway \"nat-0c91be\"", state: "NatGatewaysReady: creating"),
            Step(
                at: 190, kind: "AWSCluster", suffix: "", reason: "SuccessfulCreateSecurityGroup",
                message: "Created managed SecurityGroup \"sg-09d0f3\" for role \"controlplane\"",
                state: "LoadBalancerReady: waiting for DNS name to resolve"),
        ],
        noise: [
            Noise(
                kind: "AWSCluster", suffix: "", reason: "OwnerRefNotSet",
                message: "Cluster Controller has not yet set OwnerRef", times: 3),
            Noise(
                kind: "AWSMachine", suffix: "-cp-0", reason: "WaitingForClusterInfrastructure",
                message: "Cluster infrastructure is not ready yet", times: 12),
            Noise(
                kind: "AWSMachine", suffix: "-cp-0", reason: "WaitingForBootstrapData",
                message: "Bootstrap data secret reference is not yet available", times: 9),
            Noise(
                kind: "AWSCluster", suffix: "", type: "Warning", reason: "FailedDescribeNATGateways",
                message: "RequestLimitExceeded: Request limit exceeded.", times: 4),
        ], trouble: "NatGatewaysReady: AddressLimitExceeded: the maximum number of addresses has been reached",
        failure: "FailedCreateNATGateway",
        instance: Instance(
            reason: "SuccessfulCreate", controlPlane: "Created new control-plane instance with id \"i-0c77f1\"",
            worker: "Created new node instance with id \"i-0be24d\""))

    static let vsphere = KordentProvider(
        name: "vsphere", cluster: "VSphereCluster", machine: "VSphereMachine",
        apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1", component: "capv-controller-manager",
        template: "vsphere-standalone-cp-1-0-14",
        credential: "vsphere-cred",
        config: [
            "controlPlaneEndpointIP": "10.20.4.40",
            "vsphere": ["server": "vcenter.example.com", "datacenter": "DC1", "datastore": "vsan-01"],
        ], pace: 0.95,
        // Its controllers tell of progress by conditions only.
        steps: [
            Step(
                at: 20, kind: "VSphereCluster", suffix: "", reason: "", message: "",
                state: "VSphereCluster: waiting for the control plane endpoint"),
            Step(at: 52, kind: "VSphereVM", suffix: "", reason: "", message: "", state: "VSphereVM: Cloning"),
            Step(at: 140, kind: "VSphereVM", suffix: "", reason: "", message: "", state: "VSphereVM: PoweringOn"),
            Step(
                at: 176, kind: "VSphereVM", suffix: "", reason: "", message: "",
                state: "VSphereVM: WaitingForIPAllocation"),
        ],
        noise: [
            Noise(
                kind: "VSphereMachine", suffix: "-cp-0", reason: "OwnerRefNotSet",
                message: "Machine Controller has not yet set OwnerRef", times: 6),
            Noise(
                kind: "VSphereVM", suffix: "-cp-0", type: "Warning", reason: "ReconcileFailure",
                message: "machine controller dependency not yet met", times: 12),
        ], trouble: "VSphereVM: CloningFailed: no space is left on datastore vsan-01", failure: "ReconcileFailure")

    static let gcp = KordentProvider(
        name: "gcp", cluster: "GCPCluster", machine: "GCPMachine",
        apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1", component: "capg-controller-manager",
        template: "gcp-standalone-cp-1-0-13",
        credential: "gcp-cred",
        config: ["project": "demo-batch", "region": "us-central1", "network": ["name": "default"]], pace: 0.93,
        // One reason for everything.
        steps: [
            Step(
                at: 24, kind: "GCPCluster", suffix: "", reason: "GCPClusterReconcile",
                message: "Waiting for control-plane endpoint", state: "networks creating"),
            Step(at: 70, kind: "GCPCluster", suffix: "", reason: "", message: "", state: "firewalls creating"),
            Step(
                at: 170, kind: "GCPCluster", suffix: "", reason: "GCPClusterReconcile",
                message: "Got control-plane endpoint - 34.72.18.201", state: "loadbalancers creating"),
        ],
        noise: [
            Noise(
                kind: "GCPMachine", suffix: "-cp-0", reason: "OwnerRefNotSet",
                message: "Machine Controller has not yet set OwnerRef", times: 5),
            Noise(
                kind: "GCPCluster", suffix: "", type: "Warning", reason: "GCPClusterReconcile",
                message: "Reconcile error - operation is still in progress", times: 8),
        ], trouble: "networks: QUOTA_EXCEEDED: Quota 'NETWORKS' exceeded, limit 5.0", failure: "GCPClusterReconcile",
        instance: Instance(
            reason: "GCPMachineReconcile", controlPlane: "GCPMachine instance is running - instance-id: 84210",
            worker: "GCPMachine instance is running - instance-id: 84211"))

    static let openstack = KordentProvider(
        name: "openstack", cluster: "OpenStackCluster", machine: "OpenStackMachine",
        apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1", component: "capo-controller-manager",
        template: "openstack-standalone-cp-1-0-17",
        credential: "openstack-cred",
        config: [
            "region": "RegionOne", "controlPlane": ["flavor": "m1.medium"], "worker": ["flavor": "m1.large"],
        ], pace: 0.96,
        steps: [
            Step(
                at: 22, kind: "OpenStackCluster", suffix: "", reason: "SuccessfulCreateNetwork",
                message: "Created network k8s-clusterapi-cluster", state: "network creating"),
            Step(
                at: 48, kind: "OpenStackCluster", suffix: "", reason: "SuccessfulCreateSubnet",
                message: "Created subnet k8s-clusterapi-cluster", state: "subnet creating"),
            Step(
                at: 84, kind: "OpenStackCluster", suffix: "", reason: "SuccessfulCreateRouter",
                message: "Created router k8s-clusterapi-cluster", state: "router creating"),
            Step(
                at: 150, kind: "OpenStackCluster", suffix: "", reason: "SuccessfulCreateFloatingIP",
                message: "Created floating IP 203.0.113.40", state: "waiting for the floating IP"),
        ],
        noise: [
            Noise(
                kind: "OpenStackCluster", suffix: "", reason: "OwnerRefNotSet",
                message: "Cluster Controller has not yet set OwnerRef", times: 4),
            Noise(
                kind: "OpenStackMachine", suffix: "-cp-0", reason: "WaitingForBootstrapData",
                message: "Waiting for bootstrap data to be available", times: 15),
        ], trouble: "router: no more addresses are available on network public", failure: "FailedCreateRouter",
        instance: Instance(
            reason: "SuccessfulCreateServer", controlPlane: "Created server with id 5d1e02",
            worker: "Created server with id 5d1e03"))
}
