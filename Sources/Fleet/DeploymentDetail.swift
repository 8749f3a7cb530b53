#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a k0rdent ClusterDeployment adds to an item. Field sources: the object in Kubernetes and its events, folded by the rules of the room
/// ClusterDeployment.
public struct DeploymentDetail: Codable, Sendable, Equatable {
    /// The kube context it is read from.
    public var context: String
    public var namespace: String
    /// `spec.template`.
    public var template: String
    /// `spec.credential`.
    public var credential: String?
    /// `aws`, `azure`, `gcp`, `vsphere`, `openstack`, or the word found; nil when nothing tells.
    public var provider: String?
    /// The cloud's region, from the label or from `spec.config`.
    public var region: String?
    /// `status.k8sVersion`.
    public var kubernetesVersion: String?
    /// `metadata.generation`; conditions that observed an older one speak of an older spec.
    public var generation: Int?
    public var observedGeneration: Int?
    /// Only checked, not built.
    public var isDryRun: Bool
    /// Reconciliation is paused.
    public var isPaused: Bool
    public var isDeleting: Bool
    /// Ready for less than 30 s: controllers are known to say so before they have looked.
    public var isFresh: Bool
    /// What Cluster API looks at, in its order; a line that is not reported as unhealthy is healthy.
    public var health: [HealthLine]
    public var services: [Service]
    public var servicesReady: Int?
    public var servicesTotal: Int?
    /// The smaller total that was seen before, where it has grown during this run.
    public var servicesGrewFrom: Int?
    public var conditions: [Condition]
    /// Events that matter, oldest first.
    public var milestones: [Milestone]
    /// Events of this deployment that are not shown as milestones, because they say nothing new.
    public var suppressed: Int
    /// The newest events as they came, oldest first.
    public var events: [KubeEvent]
    /// The Cluster API objects of this deployment as a tree, in the order in which it is drawn; empty when they may not be read.
    public var objects: [ClusterObject]
    /// What could not be read of it and why, in one sentence each: `events: forbidden in kcm-system`.
    public var troubles: [String]

    public init(
        context: String, namespace: String, template: String, credential: String? = nil, provider: String? = nil,
        region: String? = nil, kubernetesVersion: String? = nil, generation: Int? = nil,
        observedGeneration: Int? = nil, isDryRun: Bool = false, isPaused: Bool = false, isDeleting: Bool = false,
        isFresh: Bool = false, health: [HealthLine] = [], services: [Service] = [], servicesReady: Int? = nil,
        servicesTotal: Int? = nil, servicesGrewFrom: Int? = nil, conditions: [Condition] = [],
        milestones: [Milestone] = [], suppressed: Int = 0, events: [KubeEvent] = [], objects: [ClusterObject] = [],
        troubles: [String] = []
    ) {
        self.context = context
        self.namespace = namespace
        self.template = template
        self.credential = credential
        self.provider = provider
        self.region = region
        self.kubernetesVersion = kubernetesVersion
        self.generation = generation
        self.observedGeneration = observedGeneration
        self.isDryRun = isDryRun
        self.isPaused = isPaused
        self.isDeleting = isDeleting
        self.isFresh = isFresh
        self.health = health
        self.services = services
        self.servicesReady = servicesReady
        self.servicesTotal = servicesTotal
        self.servicesGrewFrom = servicesGrewFrom
        self.conditions = conditions
        self.milestones = milestones
        self.suppressed = suppressed
        self.events = events
        self.objects = objects
        self.troubles = troubles
    }
}

extension DeploymentDetail {
    /// One of the conditions of the Cluster API cluster, as `CAPIClusterSummary` tells it.
    public struct HealthLine: Codable, Sendable, Equatable {
        /// `InfrastructureReady`, `ControlPlaneInitialized`, …
        public var name: String
        public var isHealthy: Bool
        /// What is not healthy yet; empty for a healthy line and for one that has only parts.
        public var text: String
        /// Its nested lines: `MachineDeployment demo-md: 0 available replicas, at least 1 required`. Deeper ones begin with two blanks each.
        public var parts: [String]

        public init(name: String, isHealthy: Bool, text: String = "", parts: [String] = []) {
            self.name = name
            self.isHealthy = isHealthy
            self.text = text
            self.parts = parts
        }
    }

    /// One of `status.services`. The same service may stand there twice, once for each object that asks for it.
    public struct Service: Codable, Sendable, Equatable {
        public var name: String
        public var namespace: String
        public var template: String
        /// `Pending`, `Provisioning`, `Deployed`, `Failed`, `Deleting` or `Deleted`; other words as they came.
        public var word: String
        /// The word as a step: Deployed is done, Failed is failed, Pending waits, all else runs.
        public var state: Phase.State
        public var version: String?
        /// `failureMessage`, or the message of a condition that failed.
        public var failure: String?
        /// `lastStateTransitionTime`.
        public var changedAt: Date?

        public init(
            name: String, namespace: String, template: String, word: String, state: Phase.State, version: String? = nil,
            failure: String? = nil, changedAt: Date? = nil
        ) {
            self.name = name
            self.namespace = namespace
            self.template = template
            self.word = word
            self.state = state
            self.version = version
            self.failure = failure
            self.changedAt = changedAt
        }
    }

    public struct Condition: Codable, Sendable, Equatable {
        public var type: String
        /// `True`, `False` or `Unknown`.
        public var status: String
        public var reason: String
        public var message: String
        public var changedAt: Date?
        public var observedGeneration: Int?
        /// True for one that keeps the deployment from going on until somebody acts: False alone means nothing while it is on its way. Nil
        /// means no.
        public var isBroken: Bool?

        public init(
            type: String, status: String, reason: String = "", message: String = "", changedAt: Date? = nil,
            observedGeneration: Int? = nil, isBroken: Bool? = nil
        ) {
            self.type = type
            self.status = status
            self.reason = reason
            self.message = message
            self.changedAt = changedAt
            self.observedGeneration = observedGeneration
            self.isBroken = isBroken
        }
    }

    /// An event that matters.
    public struct Milestone: Codable, Sendable, Equatable {
        public enum Severity: String, Codable, Sendable { case info, warning, error }

        public var at: Date
        /// The phase it belongs to: `Provisioning`.
        public var phase: String
        /// What happened, in words: `network started`.
        public var text: String
        /// The event's reason.
        public var reason: String
        /// Kind and name: `VirtualNetwork demo-vnet`.
        public var object: String
        public var severity: Severity

        public init(at: Date, phase: String, text: String, reason: String, object: String, severity: Severity = .info) {
            self.at = at
            self.phase = phase
            self.text = text
            self.reason = reason
            self.object = object
            self.severity = severity
        }
    }

    /// An event as Kubernetes keeps it.
    public struct KubeEvent: Codable, Sendable, Equatable {
        /// When it was last seen.
        public var at: Date
        /// `Normal` or `Warning`.
        public var type: String
        public var reason: String
        /// Kind and name: `Machine demo-md-x`.
        public var object: String
        public var message: String
        /// How often it was seen.
        public var count: Int

        public init(at: Date, type: String, reason: String, object: String, message: String, count: Int = 1) {
            self.at = at
            self.type = type
            self.reason = reason
            self.object = object
            self.message = message
            self.count = count
        }
    }

    /// A Cluster API object under the deployment.
    public struct ClusterObject: Codable, Sendable, Equatable {
        /// `Cluster`, `K0sControlPlane`, `MachineDeployment`, `Machine`.
        public var kind: String
        public var name: String
        /// How far it is indented; the cluster itself is 0.
        public var depth: Int
        /// Its own word: `Provisioned`, `Running`.
        public var word: String
        public var state: Phase.State
        /// More, in a few words: `2/3 ready`, `node demo-cp-0`.
        public var text: String
        public var createdAt: Date?

        public init(
            kind: String, name: String, depth: Int, word: String, state: Phase.State, text: String = "",
            createdAt: Date? = nil
        ) {
            self.kind = kind
            self.name = name
            self.depth = depth
            self.word = word
            self.state = state
            self.text = text
            self.createdAt = createdAt
        }
    }
}
