import Fleet
import Foundation
import Screen

@testable import Dashboard

/// Clusters that stand still: one of each thing a stack can do, in a region that is well and in one that is late.
enum ClusterSample {
    static let now = Sample.now
    static let east = SourceID("us-east-1")
    static let west = SourceID("eu-west-1")

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    static func source(_ id: SourceID, seen: Double) -> Source {
        Source(
            id: id, kind: .cluster, state: seen > 120 ? .late : .live, lastSuccess: ago(seen),
            error: seen > 120 ? "pcluster did not answer within 20 s." : nil, nextTry: now.addingTimeInterval(14),
            period: 60, address: "ParallelCluster in \(id)")
    }

    static func phase(
        _ name: String, _ state: Phase.State = .waiting, from: Double? = nil, to: Double? = nil, usual: Double,
        limit: Double? = nil
    ) -> Phase {
        Phase(
            name: name, state: state, startedAt: from.map(ago), endedAt: to.map(ago), usual: usual,
            usualHigh: usual * 1.5, usualCount: 14, limit: limit)
    }

    static func group(
        _ name: String, _ state: Phase.State, _ done: Int, _ total: Int, from: Double? = nil, to: Double? = nil,
        usual: Double, count: Int = 14
    ) -> ClusterDetail.ResourceGroup {
        .init(
            name: name, state: state, done: done, total: total, startedAt: from.map(ago), endedAt: to.map(ago),
            usual: usual, usualCount: count)
    }

    static func item(
        _ name: String, _ word: String, _ state: Item.State, in source: SourceID = east, since: Double,
        ended: Double? = nil, percent: Int, done: Int, total: Int = 48, phases: [Phase] = [], estimate: Estimate? = nil,
        seen: Double = 12, diagnosis: Diagnosis? = nil, detail: ClusterDetail
    ) -> Item {
        Item(
            id: ItemID(kind: .cluster, source: source, key: name), kind: .cluster, name: name, source: source,
            state: state, word: word, startedAt: ago(since), endedAt: ended.map(ago), limit: 3600,
            progress: Progress(percent: percent, done: done, total: total, unit: "resources"), phases: phases,
            estimate: estimate, evidence: Evidence(at: ago(seen), from: "pcluster \(source)"), diagnosis: diagnosis,
            profile: source.text, detail: .cluster(detail))
    }

    static func left(_ low: Double, _ high: Double) -> Estimate {
        Estimate(p10: low / 2, p50: low, p90: high, n: 14, basis: .history, at: now)
    }

    static let components = [("Head Node", "READY"), ("Slurm Controller", "ACTIVE"), ("Compute Fleet", "RUNNING")]

    /// All that needs nobody.
    static var creating: Item {
        item(
            "hpc-us-1", "CREATE_IN_PROGRESS", .running, since: 250, percent: 44, done: 30,
            phases: [
                phase("infrastructure", .running, from: 250, usual: 300),
                phase("head node bootstrap", usual: 330, limit: 1800), phase("stack completion", usual: 45),
                phase("compute fleet", usual: 60),
            ], estimate: left(360, 660),
            detail: ClusterDetail(
                region: "us-east-1", version: "3.14.0", scheduler: "slurm", stackStatus: "CREATE_IN_PROGRESS",
                components: [
                    .init(name: "Head Node", word: "PENDING", state: .waiting, sign: "no instance yet"),
                    .init(name: "Slurm Controller", word: "PENDING", state: .waiting, sign: "no log yet"),
                    .init(name: "Compute Fleet", word: "UNKNOWN", state: .waiting, sign: "read once the stack is done"),
                ],
                groups: [
                    group("network and IAM", .done, 26, 26, from: 245, to: 105, usual: 130),
                    group("storage", .running, 2, 4, from: 120, usual: 90, count: 0),
                    group("head node", .running, 2, 7, from: 60, usual: 180),
                    group("compute", .waiting, 0, 8, usual: 60), group("other", .waiting, 0, 3, usual: 30),
                ],
                active: [
                    .init(
                        logicalID: "EBS0", type: "AWS::EC2::Volume", status: "CREATE_IN_PROGRESS", startedAt: ago(95),
                        usual: 25, isStuck: true),
                    .init(
                        logicalID: "HeadNodeENI", type: "AWS::EC2::NetworkInterface", status: "CREATE_IN_PROGRESS",
                        startedAt: ago(40), usual: 30),
                ], expectedFrom: "history",
                events: [
                    .init(
                        at: ago(105), logicalID: "ParallelClusterPolicies", type: "AWS::IAM::Policy",
                        status: "CREATE_COMPLETE"),
                    .init(
                        at: ago(95), logicalID: "EBS0", type: "AWS::EC2::Volume", status: "CREATE_IN_PROGRESS",
                        reason: "Resource creation Initiated"),
                ]))
    }

    /// The head node runs and says nothing.
    static var hanging: Item {
        let wait = "HeadNodeWaitCondition20261121213000"
        return item(
            "hpc-train-2", "CREATE_IN_PROGRESS", .running, since: 1560, percent: 75, done: 46,
            phases: [
                phase("infrastructure", .done, from: 1560, to: 1260, usual: 300),
                phase("head node bootstrap", .running, from: 1260, usual: 330, limit: 1800),
                phase("stack completion", usual: 45), phase("compute fleet", usual: 60),
            ], estimate: left(120, 420),
            diagnosis: Diagnosis(
                cause:
                    "The head node has not signalled for 21m and has written no log: "
                    + "it cannot reach the region's services.",
                signs: [
                    "no cfn-init stream in the log group", "the instance runs and passed its checks",
                    "no compute node was requested",
                ],
                next: [
                    "aws ec2 get-console-output --instance-id i-0aa11bb22cc33dd44 --region us-east-1 --output text",
                    "Check that the subnet has a NAT gateway or VPC endpoints.",
                ]),
            detail: ClusterDetail(
                region: "us-east-1", version: "3.14.0", scheduler: "slurm", stackStatus: "CREATE_IN_PROGRESS",
                headNode: .init(
                    instanceID: "i-0aa11bb22cc33dd44", instanceType: "c5.large", state: "running",
                    launchedAt: ago(1290), privateIP: "10.0.0.12", publicIP: "203.0.113.10"),
                components: [
                    .init(name: "Head Node", word: "INITIALIZING", state: .running, sign: "no log for 21m"),
                    .init(name: "Slurm Controller", word: "PENDING", state: .waiting, sign: "no log yet"),
                    .init(name: "Compute Fleet", word: "UNKNOWN", state: .waiting, sign: "read once the stack is done"),
                ],
                groups: [
                    group("network and IAM", .done, 26, 26, from: 1555, to: 1420, usual: 130),
                    group("storage", .done, 4, 4, from: 1430, to: 1340, usual: 90, count: 0),
                    group("head node", .running, 6, 7, from: 1380, usual: 180),
                    group("compute", .done, 8, 8, from: 1250, to: 1180, usual: 60),
                    group("other", .waiting, 0, 3, usual: 30),
                ],
                active: [
                    .init(
                        logicalID: wait, type: "AWS::CloudFormation::WaitCondition", status: "CREATE_IN_PROGRESS",
                        startedAt: ago(1260), usual: 330, isStuck: true)
                ], expectedFrom: "history",
                wait: .init(logicalID: wait, state: .running, startedAt: ago(1260), limit: 1800),
                events: [
                    .init(
                        at: ago(1290), logicalID: "HeadNode", type: "AWS::EC2::Instance", status: "CREATE_COMPLETE"),
                    .init(
                        at: ago(1260), logicalID: wait, type: "AWS::CloudFormation::WaitCondition",
                        status: "CREATE_IN_PROGRESS", reason: "Resource creation Initiated"),
                ],
                logs: [
                    .init(
                        name: "cloud-init-output", stream: "ip-10-0-0-12.i-0aa11bb22cc33dd44.cloud-init-output",
                        lastAt: ago(1265),
                        lines: [
                            "Cloud-init v. 22.2.2 running 'modules:final' at Sat, 21 Nov 2026 21:38:52 +0000. Up 31 s.",
                            "curl: (28) Failed to connect to cloudformation.us-east-1.amazonaws.com port 443",
                        ]),
                    .init(name: "slurmctld", stream: "ip-10-0-0-12.i-0aa11bb22cc33dd44.slurmctld", lines: []),
                ]))
    }

    /// It failed by itself, and CloudFormation takes it back.
    static var failed: Item {
        let reason =
            "Resource handler returned message: \"You have requested more vCPU capacity "
            + "than your current vCPU limit of 32 allows\""
        let cause = ClusterDetail.Resource(
            logicalID: "HeadNode", type: "AWS::EC2::Instance", status: "CREATE_FAILED", reason: reason,
            startedAt: ago(700), endedAt: ago(420), usual: 25)
        return item(
            "gpu-lab-3", "CREATE_FAILED", .failed, since: 900, ended: 420, percent: 51, done: 35,
            phases: [
                phase("infrastructure", .failed, from: 900, to: 420, usual: 300),
                phase("head node bootstrap", usual: 330, limit: 1800), phase("stack completion", usual: 45),
                phase("compute fleet", usual: 60),
            ],
            diagnosis: Diagnosis(
                cause: "The account may not run that many vCPUs in us-east-1.",
                signs: ["HeadNode was the first to fail; 4 others were cancelled with it"],
                next: [
                    "aws service-quotas get-service-quota --service-code ec2 --quota-code L-1216C47A",
                    "Ask for a higher quota, or choose a smaller instance type.",
                ]),
            detail: ClusterDetail(
                region: "us-east-1", version: "3.14.0", scheduler: "slurm", stackStatus: "ROLLBACK_IN_PROGRESS",
                groups: [
                    group("network and IAM", .done, 26, 26, from: 895, to: 760, usual: 130),
                    group("storage", .done, 4, 4, from: 770, to: 690, usual: 90),
                    group("head node", .failed, 5, 7, from: 720, to: 420, usual: 180),
                    group("compute", .waiting, 0, 8, usual: 60), group("other", .waiting, 0, 3, usual: 30),
                ],
                active: [
                    cause,
                    .init(
                        logicalID: "HeadNodeENI", type: "AWS::EC2::NetworkInterface", status: "DELETE_IN_PROGRESS",
                        startedAt: ago(30), usual: 20),
                ], expectedFrom: "history", rollback: .init(deleted: 12, total: 40, isOver: false), rootCause: cause,
                failureCode: "ClusterCreationFailure",
                events: [
                    .init(
                        at: ago(420), logicalID: "HeadNode", type: "AWS::EC2::Instance", status: "CREATE_FAILED",
                        reason: reason),
                    .init(
                        at: ago(418), logicalID: "gpu-lab-3", type: "AWS::CloudFormation::Stack",
                        status: "ROLLBACK_IN_PROGRESS",
                        reason: "The following resource(s) failed to create: [HeadNode]. Rollback requested by user."),
                    .init(
                        at: ago(30), logicalID: "HeadNodeENI", type: "AWS::EC2::NetworkInterface",
                        status: "DELETE_IN_PROGRESS"),
                ]))
    }

    static var deleting: Item {
        item(
            "old-lab", "DELETE_IN_PROGRESS", .running, since: 130, percent: 40, done: 19,
            phases: [phase("deletion", .running, from: 130, usual: 240)], estimate: left(100, 260),
            detail: ClusterDetail(
                region: "us-east-1", version: "3.11.1", scheduler: "slurm", operation: .delete,
                stackStatus: "DELETE_IN_PROGRESS",
                groups: [
                    group("compute", .done, 8, 8, from: 125, to: 80, usual: 40),
                    group("head node", .running, 4, 7, from: 80, usual: 90),
                    group("storage", .running, 2, 4, from: 60, usual: 60),
                    group("network and IAM", .running, 5, 29, from: 40, usual: 90),
                ]))
    }

    /// In the region that has not answered for four minutes.
    static var updating: Item {
        item(
            "sim-eu-1", "UPDATE_IN_PROGRESS", .running, in: west, since: 500, percent: 66, done: 4, total: 6,
            phases: [phase("update", .running, from: 500, usual: 400)], estimate: left(60, 180), seen: 250,
            detail: ClusterDetail(
                region: "eu-west-1", version: "3.14.0", scheduler: "slurm", operation: .update,
                stackStatus: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", fleetStatus: "STOPPED",
                groups: [group("compute", .running, 4, 6, from: 480, usual: 300)]))
    }

    static func complete(_ name: String, in source: SourceID, ended: Double) -> Item {
        item(
            name, "CREATE_COMPLETE", .done, in: source, since: ended + 720, ended: ended, percent: 100, done: 48,
            phases: [
                phase("infrastructure", .done, from: ended + 720, to: ended + 410, usual: 300),
                phase("head node bootstrap", .done, from: ended + 410, to: ended + 90, usual: 330, limit: 1800),
                phase("stack completion", .done, from: ended + 90, to: ended + 50, usual: 45),
                phase("compute fleet", .done, from: ended + 50, to: ended, usual: 60),
            ],
            detail: ClusterDetail(
                region: source.text, version: "3.14.0", scheduler: "slurm", stackStatus: "CREATE_COMPLETE",
                fleetStatus: "RUNNING",
                headNode: .init(
                    instanceID: "i-0ff99ee88dd77cc66", instanceType: "c5.xlarge", state: "running",
                    launchedAt: ago(ended + 420), privateIP: "10.0.0.20"),
                components: components.map { name, word in
                    .init(name: name, word: word, state: .done, sign: name == "Compute Fleet" ? "4 nodes" : "")
                },
                wait: .init(
                    logicalID: "HeadNodeWaitCondition20261121180000", state: .done, startedAt: ago(ended + 410),
                    endedAt: ago(ended + 90), limit: 1800), computeNodes: 4))
    }

    static var items: [Item] {
        [
            creating, hanging, failed, deleting, updating, complete("prod-a", in: east, ended: 5400),
            complete("prod-b", in: west, ended: 90_000),
        ]
    }

    static var events: [Event] {
        [
            Event(
                at: ago(418), kind: .cluster, source: east, item: failed.id, name: "gpu-lab-3", level: .bad,
                text: "CREATE_FAILED, HeadNode: more vCPUs than the limit of 32"),
            Event(
                at: ago(130), kind: .cluster, source: east, item: deleting.id, name: "old-lab", level: .info,
                text: "CREATE_COMPLETE -> DELETE_IN_PROGRESS"),
        ]
    }

    static let sources = [source(east, seen: 12), source(west, seen: 250)]

    /// The clusters alone.
    static var snapshot: Snapshot { Snapshot(at: now, items: items, sources: sources, events: events) }

    /// With the nodes of the other sample.
    static var withNodes: Snapshot {
        Snapshot(
            at: now, items: Sample.items + items, sources: Array(Sample.snapshot.sources.values) + sources,
            events: (Sample.events + events).sorted { $0.at < $1.at })
    }
}
