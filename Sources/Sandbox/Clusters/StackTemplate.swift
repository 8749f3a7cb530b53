/// One resource of a cluster's stack.
struct StackResource: Sendable {
    let id: String
    let type: String
    /// The resources that must be complete before it is begun.
    let after: [String]
    /// What CloudFormation shows of its properties: a JSON document.
    let properties: String?

    /// Usual seconds to create it.
    var creation: Double { Self.usual[type]?.creation ?? 6 }
    /// Usual seconds to delete it.
    var deletion: Double { id.hasPrefix("TerminateComputeFleet") ? 34 : Self.usual[type]?.deletion ?? 2 }
    /// Logs outlive their cluster by ParallelCluster's default.
    var isKept: Bool { id == "CloudWatchLogGroup" }

    private static let usual: [String: (creation: Double, deletion: Double)] = [
        "AWS::CloudFormation::CustomResource": (6, 6), "AWS::CloudFormation::WaitConditionHandle": (1.6, 1.3),
        "AWS::CloudWatch::CompositeAlarm": (38, 2), "AWS::DynamoDB::Table": (32, 13),
        "AWS::EC2::EIP": (17, 2), "AWS::EC2::EIPAssociation": (3, 2),
        "AWS::EC2::Instance": (72, 52), "AWS::EC2::LaunchTemplate": (8, 2),
        "AWS::EC2::NetworkInterface": (21, 2), "AWS::EC2::PlacementGroup": (11, 11),
        "AWS::EC2::SecurityGroup": (7, 3), "AWS::EC2::SecurityGroupEgress": (2, 1.5),
        "AWS::EC2::SecurityGroupIngress": (2, 1.5), "AWS::EC2::Volume": (13, 9), "AWS::EFS::FileSystem": (8, 5),
        "AWS::EFS::MountTarget": (94, 62), "AWS::FSx::FileSystem": (540, 150),
        "AWS::IAM::InstanceProfile": (138, 2.5), "AWS::IAM::Policy": (18, 2), "AWS::IAM::Role": (20, 2.5),
        "AWS::Lambda::Function": (9, 4), "AWS::Route53::HostedZone": (46, 42),
    ]
}

/// The resources of a cluster's stack, every one behind those that it needs; names and types as ParallelCluster's own
/// template has them.
struct StackTemplate: Sendable {
    static let headNode = "HeadNode"

    private(set) var resources: [StackResource] = []
    /// The wait condition's name ends with the time at which the template was made.
    let waitCondition: String

    /// - Parameter stamp: year to second, 14 digits.
    init(of cluster: SandboxCluster, stamp: String) {
        waitCondition = "HeadNodeWaitCondition\(stamp)"
        addNetwork()
        let storage = addStorage(of: cluster)
        addCleanup()
        addDomain()
        addRole("HeadNode")
        addRole(Self.suffix(cluster.queue))
        add("ParallelClusterSlurmRoute53Policies", "IAM::Policy", after: ["RoleHeadNode", "Route53HostedZone"])
        var fleet = ["TerminateComputeFleetCustomResource", "CleanupRoute53CustomResource"]
        for type in cluster.computeTypes {
            let id = Self.suffix(cluster.queue + type)
            add("PlacementGroup\(id)", "EC2::PlacementGroup", #"{"Strategy":"cluster"}"#)
            add(
                "LaunchTemplate\(id)", "EC2::LaunchTemplate", #"{"LaunchTemplateData":{"InstanceType":"\#(type)"}}"#,
                after: ["PlacementGroup\(id)", "InstanceProfile\(Self.suffix(cluster.queue))"] + storage)
            fleet.append("LaunchTemplate\(id)")
        }
        add("HeadNodeWaitConditionHandle\(stamp)", "CloudFormation::WaitConditionHandle")
        add(
            "HeadNodeLaunchTemplate", "EC2::LaunchTemplate",
            #"{"LaunchTemplateData":{"InstanceType":"\#(cluster.headNodeType)"}}"#,
            after: ["HeadNodeENI", "InstanceProfileHeadNode", "HeadNodeWaitConditionHandle\(stamp)"] + storage)
        add(Self.headNode, "EC2::Instance", after: ["HeadNodeLaunchTemplate", "DynamoDBTable"] + fleet)
        add(
            waitCondition, "CloudFormation::WaitCondition", #"{"Count":"1","Timeout":"1800"}"#, after: [Self.headNode])
        addMonitoring()
    }

    private mutating func addNetwork() {
        add("CloudWatchLogGroup", "Logs::LogGroup", #"{"RetentionInDays":"180"}"#)
        add("HeadNodeSecurityGroup", "EC2::SecurityGroup")
        add("ComputeSecurityGroup", "EC2::SecurityGroup")
        let both = ["HeadNodeSecurityGroup", "ComputeSecurityGroup"]
        add("HeadNodeSecurityGroupComputeIngress0", "EC2::SecurityGroupIngress", after: both)
        add("ComputeSecurityGroupHeadNodeIngress0", "EC2::SecurityGroupIngress", after: both)
        add("ComputeSecurityGroupIngress", "EC2::SecurityGroupIngress", after: ["ComputeSecurityGroup"])
        add("ComputeSecurityGroupEgress", "EC2::SecurityGroupEgress", after: ["ComputeSecurityGroup"])
        add("ComputeSecurityGroupNormalEgress", "EC2::SecurityGroupEgress", after: ["ComputeSecurityGroupEgress"])
        add("HeadNodeENI", "EC2::NetworkInterface", after: ["HeadNodeSecurityGroup"])
        add("HeadNodeEIP", "EC2::EIP", #"{"Domain":"vpc"}"#)
        add("AssociateEIP", "EC2::EIPAssociation", after: ["HeadNodeEIP", "HeadNodeENI"])
    }

    /// - Returns: what must be there before a node can mount it.
    private mutating func addStorage(of cluster: SandboxCluster) -> [String] {
        let suffix = Self.suffix(cluster.name + "shared")
        switch cluster.storage {
        case .volume:
            add("EBS\(suffix)", "EC2::Volume", #"{"Size":"500","VolumeType":"gp3"}"#)
            return ["EBS\(suffix)"]
        case .elastic:
            addStorageGroup("EFS\(suffix)")
            add("EFS\(suffix)", "EFS::FileSystem", #"{"Encrypted":"true","ThroughputMode":"bursting"}"#)
            let target = "EFS\(suffix)MT\(cluster.region)a"
            add(target, "EFS::MountTarget", after: ["EFS\(suffix)", "EFS\(suffix)SecurityGroup"])
            return [target]
        case .lustre:
            addStorageGroup("FSX\(suffix)")
            add(
                "FSX\(suffix)", "FSx::FileSystem", #"{"FileSystemType":"LUSTRE","StorageCapacity":"4800"}"#,
                after: ["FSX\(suffix)SecurityGroup"])
            return ["FSX\(suffix)"]
        }
    }

    private mutating func addStorageGroup(_ storage: String) {
        let group = "\(storage)SecurityGroup"
        add(group, "EC2::SecurityGroup")
        for side in ["Head", "Compute", "Storage"] {
            let other = side == "Storage" ? [] : [side == "Head" ? "HeadNodeSecurityGroup" : "ComputeSecurityGroup"]
            add("\(group)\(side)Ingress0", "EC2::SecurityGroupIngress", after: [group] + other)
            add("\(group)\(side)Egress0", "EC2::SecurityGroupEgress", after: [group] + other)
        }
    }

    private mutating func addRole(_ name: String) {
        add("Role\(name)", "IAM::Role")
        add("ParallelClusterPolicies\(name)", "IAM::Policy", after: ["Role\(name)"])
        add("SlurmPolicies\(name)", "IAM::Policy", after: ["Role\(name)", "SlurmDynamoDBTable"])
        add("InstanceProfile\(name)", "IAM::InstanceProfile", after: ["Role\(name)"])
    }

    private mutating func addCleanup() {
        add("CleanupResourcesRole", "IAM::Role")
        add("CleanupResourcesFunction", "Lambda::Function", after: ["CleanupResourcesRole"])
        add("CleanupResourcesFunctionLogGroup", "Logs::LogGroup")
        add(
            "CleanupResourcesS3BucketCustomResource", "CloudFormation::CustomResource",
            after: ["CleanupResourcesFunction"])
        add(
            "TerminateComputeFleetCustomResource", "CloudFormation::CustomResource",
            after: ["CleanupResourcesFunction"])
    }

    private mutating func addDomain() {
        add("DynamoDBTable", "DynamoDB::Table")
        add("SlurmDynamoDBTable", "DynamoDB::Table")
        add("Route53HostedZone", "Route53::HostedZone")
        add("CleanupRoute53Role", "IAM::Role", after: ["Route53HostedZone"])
        add("CleanupRoute53Function", "Lambda::Function", after: ["CleanupRoute53Role"])
        add("CleanupRoute53FunctionLogGroup", "Logs::LogGroup")
        add("CleanupRoute53CustomResource", "CloudFormation::CustomResource", after: ["CleanupRoute53Function"])
    }

    private mutating func addMonitoring() {
        let alarms = ["Health", "Cpu", "Mem", "Disk"].map { "HeadNode\($0)Alarm" }
        for alarm in alarms { add(alarm, "CloudWatch::Alarm", after: [Self.headNode]) }
        add("HeadNodeAlarms", "CloudWatch::CompositeAlarm", after: alarms)
        add("CloudwatchDashboard", "CloudWatch::Dashboard", after: [Self.headNode, "CloudWatchLogGroup"])
    }

    private mutating func add(_ id: String, _ type: String, _ properties: String? = nil, after: [String] = []) {
        resources.append(StackResource(id: id, type: "AWS::\(type)", after: after, properties: properties))
    }

    /// As ParallelCluster marks what belongs to a name: sixteen hexadecimal digits of its hash.
    private static func suffix(_ name: String) -> String {
        var chance = SeededGenerator(named: name, seed: 0)
        return chance.hexadecimal(16)
    }
}
