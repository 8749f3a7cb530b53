import Fleet
import Foundation
import Sandbox
import Upstream

/// A ClusterDeployment that a test moves on, in the shapes that k0rdent's controller writes (wire-formats 6.7).
public struct RigDeployment: Sendable {
    public let namespace: String
    public let name: String
    private let api: SandboxKubernetes
    private let createdAt: Date

    public enum Stage: Sendable {
        case initializing, provisioning, bootstrapping, scaling
        /// With the state of its one service.
        case installing(String)
        case ready
        case badCredential
    }

    public init(_ api: SandboxKubernetes, namespace: String = "kcm-system", name: String, age: Double = 60) async throws
    {
        self.api = api
        self.namespace = namespace
        self.name = name
        createdAt = Date(timeIntervalSinceNow: -age)
        try await put(kind: "Namespace", version: "v1", name: namespace, namespace: nil, "")
        try await enter(.initializing)
    }

    /// Writes the status of a stage.
    public func enter(_ stage: Stage) async throws {
        let now = Self.text(Date())
        func condition(_ type: String, _ status: String, _ reason: String, _ message: String = "") -> String {
            let quoted = String(decoding: (try? JSONEncoder().encode(message)) ?? Data(), as: UTF8.self)
            return
                #"{"type":"\#(type)","status":"\#(status)","reason":"\#(reason)","message":\#(quoted),"lastTransitionTime":"\#(now)"}"#
        }
        let bullets = [
            "* InfrastructureReady: virtualnetworks creating or updating",
            "* ControlPlaneInitialized: Control plane not yet initialized",
            "* WorkersAvailable:\n  * MachineDeployment \(name)-md: 0 available replicas, at least 1 required",
            "* RemoteConnectionProbe: Remote connection probe failed",
        ]
        var conditions = ["TemplateReady", "HelmChartReady"].map { condition($0, "True", "Succeeded") }
        var services = "[]"
        func summary(from first: Int) {
            let message = bullets[first...].joined(separator: "\n")
            conditions += [
                condition("CredentialReady", "True", "Succeeded"),
                condition("CAPIClusterSummary", "False", "IssuesReported", message),
                condition("Ready", "False", "Progressing", message),
            ]
        }
        switch stage {
        case .initializing:
            conditions += [
                condition("CredentialReady", "True", "Succeeded"),
                condition("HelmReleaseReady", "Unknown", "Progressing"),
                condition("Ready", "Unknown", "Progressing"),
            ]
        case .provisioning: summary(from: 0)
        case .bootstrapping: summary(from: 1)
        case .scaling: summary(from: 2)
        case .installing(let state):
            conditions += [
                condition("CredentialReady", "True", "Succeeded"),
                condition("CAPIClusterSummary", "True", "InfoReported"),
                condition("ServicesInReadyState", "False", "Failed", "0/1"),
                condition("Ready", "False", "Progressing", "0/1 Services are ready."),
            ]
            services =
                #"[{"name":"ingress","namespace":"ingress","template":"ingress-nginx-4-11-5","state":"\#(state)","lastStateTransitionTime":"\#(now)","failureMessage":"\#(state == "Failed" ? "timed out waiting for the load balancer" : "")"}]"#
        case .ready:
            conditions += [
                condition("CredentialReady", "True", "Succeeded"),
                condition("CAPIClusterSummary", "True", "InfoReported"),
                condition("Ready", "True", "Succeeded", "Object is ready"),
            ]
        case .badCredential:
            let message = "the Credential \(namespace)/azure-cred is not ready"
            conditions += [
                condition("CredentialReady", "False", "Failed", message),
                condition("Ready", "False", "Failed", message),
            ]
        }
        try await put(
            kind: "ClusterDeployment", version: "k0rdent.mirantis.com/v1beta1", name: name, namespace: namespace,
            #""spec":{"template":"azure-standalone-cp-1-0-15","credential":"azure-cred","config":{"location":"eastus"}},"status":{"observedGeneration":1,"conditions":[\#(conditions.joined(separator: ","))],"services":\#(services)}"#
        )
    }

    public func event(_ reason: String, kind: String, name: String, _ message: String, warning: Bool = false)
        async throws
    {
        let now = Self.text(Date())
        try await put(
            kind: "Event", version: "v1", name: "\(name).\(UInt64.random(in: 0 ... .max))", namespace: namespace,
            #""involvedObject":{"kind":"\#(kind)","name":"\#(name)","namespace":"\#(namespace)"},"reason":"\#(reason)","message":"\#(message)","type":"\#(warning ? "Warning" : "Normal")","count":1,"firstTimestamp":"\#(now)","lastTimestamp":"\#(now)""#
        )
    }

    public func delete() async throws {
        let object = try Self.object(
            #"{"kind":"ClusterDeployment","apiVersion":"k0rdent.mirantis.com/v1beta1","metadata":{"name":"\#(name)","namespace":"\#(namespace)"}}"#
        )
        await api.write([KubeWrite(at: Date(), .remove(object))])
    }

    private func put(kind: String, version: String, name: String, namespace: String?, _ rest: String) async throws {
        let place = namespace.map { #","namespace":"\#($0)""# } ?? ""
        let object = try Self.object(
            #"{"kind":"\#(kind)","apiVersion":"\#(version)","metadata":{"name":"\#(name)"\#(place)}\#(rest.isEmpty ? "" : ",")\#(rest)}"#
        )
        await api.write([KubeWrite(at: kind == "ClusterDeployment" ? createdAt : Date(), .put(object))])
    }

    private static func object(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private static func text(_ date: Date) -> String { date.ISO8601Format() }
}
