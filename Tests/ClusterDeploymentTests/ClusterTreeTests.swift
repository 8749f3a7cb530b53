import Fleet
import Foundation
import Testing

@testable import ClusterDeployment

/// The objects under a deployment, as they are drawn.
@Suite struct ClusterTreeTests {
    private func objects(_ texts: [String]) throws -> [WireClusterObject] {
        try texts.map { try JSONDecoder().decode(WireClusterObject.self, from: Data($0.utf8)) }
    }

    private func machine(
        _ name: String, phase: String, labels: String = "", node: String = "", of cluster: String = "demo"
    ) -> String {
        """
        {"kind": "Machine", "metadata": {"name": "\(name)", "labels": {"cluster.x-k8s.io/cluster-name": "\(cluster)"\(labels)},
          "ownerReferences": [{"kind": "MachineSet", "name": "demo-md-r27h8"}]},
         "status": {"phase": "\(phase)"\(node.isEmpty ? "" : #", "nodeRef": {"name": "\#(node)"}"#)}}
        """
    }

    private let cluster = """
        {"kind": "Cluster", "metadata": {"name": "demo", "creationTimestamp": "2025-11-09T09:46:06Z"},
         "status": {"phase": "Provisioned", "infrastructureReady": true, "conditions": [
          {"type": "InfrastructureReady", "status": "True", "lastTransitionTime": "2025-11-09T09:50:03Z"},
          {"type": "ControlPlaneInitialized", "status": "False", "lastTransitionTime": "2025-11-09T09:46:08Z"}]}}
        """
    private let plane = """
        {"kind": "K0sControlPlane", "metadata": {"name": "demo-cp"}, "spec": {"replicas": 3, "clusterName": "demo"},
         "status": {"ready": true, "replicas": 3, "readyReplicas": 1}}
        """
    private let workers = """
        {"kind": "MachineDeployment", "metadata": {"name": "demo-md"}, "spec": {"clusterName": "demo", "replicas": 2},
         "status": {"phase": "ScalingUp", "readyReplicas": 0}}
        """

    @Test func theControlPlaneComesFirstAndMachinesStandUnderWhatOwnsThem() throws {
        let control = #", "cluster.x-k8s.io/control-plane": """#
        let tree = ClusterTree(
            try objects([
                machine("demo-md-r27h8-b", phase: "Provisioning"), workers,
                machine("demo2-md-x", phase: "Running", of: "demo2"),
                machine("demo-md-r27h8-a", phase: "Running", node: "node-a"), plane,
                machine("demo-cp-0", phase: "Provisioned", labels: control), cluster,
                machine("demo-lost", phase: "Failed", labels: #", "cluster.x-k8s.io/deployment-name": "gone""#),
            ]), cluster: "demo")
        let drawn = tree.objects.map {
            String(repeating: "  ", count: $0.depth) + "\($0.kind) \($0.name) \($0.word) \($0.text)"
        }
        #expect(
            drawn == [
                "Cluster demo Provisioned ", "  K0sControlPlane demo-cp Initialized 1/3 ready",
                "    Machine demo-cp-0 Provisioned ", "  MachineDeployment demo-md ScalingUp 0/2 ready",
                "    Machine demo-md-r27h8-a Running node node-a", "    Machine demo-md-r27h8-b Provisioning ",
                "  Machine demo-lost Failed ",
            ])
        #expect(tree.objects.map(\.state) == [.done, .running, .running, .running, .done, .running, .failed])
        #expect(tree.reached["InfrastructureReady"] == DeploymentSamples.at(243))
        #expect(tree.reached["ControlPlaneInitialized"] == nil)
    }

    @Test func bothContractsAreRead() throws {
        let read = try objects([
            """
            {"kind": "KubeadmControlPlane", "metadata": {"name": "new-cp"}, "spec": {"clusterName": "new"},
             "status": {"initialization": {"controlPlaneInitialized": true}}}
            """,
            """
            {"kind": "Cluster", "metadata": {"name": "new"}, "status": {"phase": "Provisioning", "failureReason": "CreateError",
              "v1beta2": {"conditions": [{"type": "InfrastructureReady", "status": "True", "lastTransitionTime": "2025-11-09T09:50:03Z"}]},
              "conditions": [{"type": "InfrastructureReady", "status": "False"}]}}
            """,
            #"{"kind": "Machine", "metadata": {"name": "m", "deletionTimestamp": "2025-11-09T09:50:03Z"}, "spec": {"clusterName": "new"}}"#,
            #"{"kind": "MachinePool", "metadata": {"name": "p"}, "spec": {"clusterName": "new", "replicas": 2}, "status": {"readyReplicas": 2}}"#,
            #"{"kind": "AController", "metadata": {"name": "x"}, "spec": {"clusterName": "new"}}"#,
            #"{"kind": "SomeControlPlane", "metadata": {"name": "y"}, "spec": {"clusterName": "new"}, "status": {"deprecated": {"v1beta1": {"failureMessage": "no"}}}}"#,
            """
            {"kind": "ZControlPlane", "metadata": {"name": "z"}, "spec": {"clusterName": "new"},
             "status": {"conditions": [{"type": "Ready", "status": "False", "message": "waits for etcd"}]}}
            """,
        ])
        let tree = ClusterTree(read, cluster: "new")
        #expect(tree.objects.map(\.word) == ["Provisioning", "Ready", "Failed", "Not ready", "Ready", "Deleting"])
        #expect(tree.objects[0].text == "CreateError" && tree.objects[3].text == "waits for etcd")
        #expect(tree.reached["InfrastructureReady"] != nil)
    }

    @Test func whatCannotBeReadIsEmptyAndMuchIsCut() throws {
        let odd = try objects([
            #"{"metadata": {"name": "x", "ownerReferences": 7}, "spec": [], "status": {"nodeRef": "n", "replicas": "3"}}"#
        ])
        #expect(odd[0].kind.isEmpty && odd[0].nodeName == nil && odd[0].replicas == nil && odd[0].owner == nil)
        #expect(ClusterTree(odd, cluster: "x").objects.isEmpty)
        let many = try objects((0..<400).map { machine("demo-md-\($0)", phase: "Pending") } + [plane])
        let tree = ClusterTree(many, cluster: "demo")
        #expect(tree.objects.count == ClusterTree.limit && tree.objects[0].kind == "K0sControlPlane")
        #expect(tree.objects.last?.state == .waiting)
    }
}
