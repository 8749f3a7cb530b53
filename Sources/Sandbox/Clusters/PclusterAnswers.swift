// The answers of `pcluster`, with the keys that it prints and in the shapes that were recorded from it; what is nil
// is left out, as there.

struct ListAnswer: Encodable {
    struct Cluster: Encodable {
        let clusterName: String
        /// Spelled with a small f here, and with a capital one in the description.
        let cloudformationStackStatus: String
        let cloudformationStackArn: String
        let region: String
        let version: String
        let clusterStatus: String
        let scheduler: SchedulerAnswer
    }

    let clusters: [Cluster]
}

struct SchedulerAnswer: Encodable { let type: String }

struct DescriptionAnswer: Encodable {
    struct HeadNode: Encodable {
        let launchTime: String
        let instanceId: String
        let publicIpAddress: String?
        let instanceType: String
        let state: String
        let privateIpAddress: String
    }
    struct Configuration: Encodable { let url: String }
    struct Tag: Encodable {
        let value: String
        let key: String
    }
    struct Failure: Encodable {
        let failureCode: String
        let failureReason: String
    }

    let creationTime: String
    let headNode: HeadNode?
    let version: String
    let clusterConfiguration: Configuration
    let tags: [Tag]
    let cloudFormationStackStatus: String
    let clusterName: String
    let computeFleetStatus: String
    let cloudformationStackArn: String
    let lastUpdatedTime: String
    let region: String
    let clusterStatus: String
    let scheduler: SchedulerAnswer
    let failures: [Failure]?
}

struct StackEventsAnswer: Encodable {
    struct Event: Encodable {
        let eventId: String
        let physicalResourceId: String
        let resourceStatus: String
        let resourceStatusReason: String?
        let resourceProperties: String?
        let stackId: String
        let stackName: String
        let logicalResourceId: String
        let resourceType: String
        let timestamp: String
    }

    let nextToken: String?
    let events: [Event]
}

struct ComputeFleetAnswer: Encodable {
    let status: String
    let lastStatusUpdatedTime: String?
}

struct InstancesAnswer: Encodable {
    struct Instance: Encodable {
        let launchTime: String
        let instanceId: String
        let queueName: String?
        let publicIpAddress: String?
        let instanceType: String
        let state: String
        let nodeType: String
        let privateIpAddress: String
    }

    let instances: [Instance]
}

struct LogStreamsAnswer: Encodable {
    struct Stream: Encodable {
        let logStreamArn: String
        let creationTime: String
        let logStreamName: String
        let firstEventTimestamp: String
        let lastEventTimestamp: String
        let lastIngestionTime: String
    }

    let logStreams: [Stream]
}

struct LogEventsAnswer: Encodable {
    struct Event: Encodable {
        let message: String
        let timestamp: String
    }

    let nextToken: String
    let prevToken: String
    let events: [Event]
}

struct VersionAnswer: Encodable { let version: String }
