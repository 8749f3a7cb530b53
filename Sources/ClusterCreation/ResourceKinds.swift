import Fleet

/// What is usual for CloudFormation's resource types in a ParallelCluster stack.
enum ResourceKinds {
    /// The groups of the screen, in the order in which most of their resources are built.
    static let groups = ["network and IAM", "storage", "compute", "other", "head node"]

    /// How many resources such a stack usually has. Source: wire-formats 3.1, observed runs.
    static let typicalCount = 47

    /// Seconds by type, and for every other type. Source: wire-formats 3.2, but for file systems, for which AWS names minutes: with
    /// the general minute each of them would be called stuck.
    static func usual(_ type: String) -> Double {
        let type = type.hasPrefix("AWS::") ? String(type.dropFirst(5)) : type
        switch type {
        case "EC2::SecurityGroupIngress", "EC2::SecurityGroupEgress": return 10
        case "IAM::InstanceProfile", "EC2::SubnetRouteTableAssociation": return 15
        case "EC2::VPCGatewayAttachment": return 20
        case "EC2::VPC", "EC2::Route", "EC2::SecurityGroup", "CloudWatch::LogGroup", "Logs::LogGroup", "SNS::Topic",
            "SQS::Queue":
            return 30
        case "EC2::InternetGateway", "EC2::RouteTable", "IAM::Policy", "CloudWatch::CompositeAlarm": return 45
        case "Lambda::Function": return 90
        case "EC2::Volume": return 120
        case "EC2::Instance": return 180
        case "CloudFormation::WaitCondition": return 300
        case "FSx::FileSystem": return 600
        case "EFS::FileSystem", "EFS::MountTarget": return 120
        default: return 60
        }
    }

    /// A resource in progress for more than so many times its usual seconds is stuck. Source: wire-formats 3.4.
    static let stuckFactor = 3.0

    static func group(_ resource: StackOperation.Resource) -> String {
        let id = resource.logicalID
        let type = resource.type
        if id.hasPrefix("HeadNode"), !type.contains("IAM"), !type.contains("SecurityGroup") { return "head node" }
        if type.contains("::FSx::") || type.contains("::EFS::") || type == "AWS::EC2::Volume" || type.contains("::S3::")
        {
            return "storage"
        }
        let isCompute =
            id.contains("Queue") || id.contains("ComputeFleet") || id.contains("ComputeResource")
            || id.contains("LoginNodes") || type == "AWS::CloudFormation::Stack" || type.contains("::Batch::")
            || type.contains("::AutoScaling::")
        if isCompute, !type.contains("IAM"), !type.contains("SecurityGroup") { return "compute" }
        if type.contains("::IAM::") || type.contains("::Route53::") { return "network and IAM" }
        if type.contains("::EC2::") { return type == "AWS::EC2::LaunchTemplate" ? "compute" : "network and IAM" }
        return "other"
    }

    /// The longest way to a running head node by typical values, in seconds: roles and security groups, then what needs them, then the
    /// instance. Everything else is built beside it, unless it takes longer.
    static func typicalInfrastructure(_ resources: [StackOperation.Resource]) -> Double {
        let way = usual("AWS::IAM::Role") + usual("AWS::IAM::InstanceProfile") + usual("AWS::EC2::NetworkInterface")
        let storage = resources.filter { group($0) == "storage" }.map { usual($0.type) }.max() ?? 0
        return max(way, storage) + usual("AWS::EC2::Instance")
    }
}
