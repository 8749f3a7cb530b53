import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterDeployment

/// What is kept of an object, and what of a bad one is still read.
@Suite struct WireDeploymentTests {
    private let header = """
        "metadata": {"name": "demo", "namespace": "kcm-system", "uid": "5f0c", "generation": 3,
          "creationTimestamp": "2025-11-09T09:46:00Z", "annotations": {"note": "hunter2"},
          "labels": {"team": "hunter2", "k0rdent.mirantis.com/provider": "aws", "k0rdent.mirantis.com/region": "eu-west-1"}}
        """

    @Test func secretsAndAnnotationsAreNotKept() throws {
        let wire = try DeploymentSamples.decode(
            """
            {\(header), "spec": {"template": "aws-standalone-cp-1-0-0", "credential": "c", "dryRun": true,
              "config": {"region": "us-east-2", "password": "hunter2", "workers": [1, {"key": "hunter2"}]}},
             "status": {"k8sVersion": "v1.32.6", "observedGeneration": 2}}
            """)
        #expect(wire.configRegion == "us-east-2" && wire.isDryRun && wire.template == "aws-standalone-cp-1-0-0")
        #expect(wire.kubernetesVersion == "v1.32.6" && wire.observedGeneration == 2 && wire.services == nil)
        #expect(wire.metadata.labels.count == 2)
        var dumped = ""
        dump(wire, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test(arguments: [
        #"{"location": "eastus"}"#, #"{"region": "", "location": "eastus"}"#, #"{"aws": {"region": "eastus"}}"#,
        #"{"region": 7, "gcp": {"region": "eastus"}}"#, #"{"identityRef": {"region": "eastus"}}"#,
        #"{"aws": "x", "vsphere": {"datacenter": "eastus"}}"#,
    ])
    func theRegionIsFoundWhereverAProviderPutsIt(config: String) throws {
        let wire = try DeploymentSamples.decode(#"{"metadata": {"name": "d"}, "spec": {"config": \#(config)}}"#)
        #expect(wire.configRegion == "eastus")
    }

    @Test(arguments: [
        #"{"metadata": {"name": "d"}}"#, #"{"metadata": {"name": "d"}, "spec": null, "status": null}"#,
        #"{"metadata": {"name": "d"}, "spec": [], "status": "up"}"#,
        #"{"metadata": {"name": "d"}, "status": {"conditions": null, "services": null}}"#,
        #"{"metadata": {"name": "d"}, "spec": {"template": 7, "config": "x"}, "status": {"conditions": {}, "services": 3}}"#,
        #"{"metadata": {"name": "d"}, "status": {"conditions": [null, 7, {"status": "True"}, {"type": {}}]}}"#,
    ])
    func whatIsMissingOrWrongIsEmpty(text: String) throws {
        let wire = try DeploymentSamples.decode(text)
        #expect(wire.conditions.isEmpty && (wire.services ?? []).isEmpty && wire.template.isEmpty)
        #expect(PhaseDetector.phase(of: wire, now: DeploymentSamples.at(0)) == .initializing)
        let rules = DeploymentRules(source: SourceID("mgmt"), context: "mgmt")
        let item = rules.item(
            DeploymentReading(wire: wire, now: DeploymentSamples.at(0)), runs: [], now: DeploymentSamples.at(1))
        #expect(item.word == "Initializing" && item.state == .running)
    }

    @Test func anObjectWithoutANameIsNone() {
        #expect(throws: (any Error).self) { try DeploymentSamples.decode(#"{"metadata": {}}"#) }
    }

    @Test func entriesThatCannotBeReadHideNoOthers() throws {
        let wire = try DeploymentSamples.decode(
            """
            {"metadata": {"name": "d"}, "status": {
              "conditions": [7, {"type": "Ready", "status": "False", "reason": "R\\u0007", "message": "a\\u001b[31m\\nb", "lastTransitionTime": 5}],
              "services": [{"namespace": "no-name"}, {"name": "ingress", "state": 4, "failureMessage": "",
                "lastStateTransitionTime": "2025-11-09T09:53:19.123Z"}]}}
            """)
        #expect(wire.condition("Ready")?.message == "a\u{FFFD}[31m b")
        #expect(wire.condition("Ready")?.reason == "R\u{FFFD}")
        #expect(wire.services?.map(\.name) == ["ingress"])
        #expect(wire.services?.first?.state == "Pending" && wire.services?.first?.failureMessage == nil)
        #expect(wire.services?.first?.lastStateTransitionTime != nil)
    }

    @Test func listsAreBounded() throws {
        let condition = #"{"type": "T", "status": "True", "message": "\#(String(repeating: "m", count: 5000))"}"#
        let many = Array(repeating: condition, count: 500).joined(separator: ",")
        let services = Array(repeating: #"{"name": "s"}"#, count: 500).joined(separator: ",")
        let wire = try DeploymentSamples.decode(
            #"{"metadata": {"name": "d"}, "status": {"conditions": [\#(many)], "services": [\#(services)]}}"#)
        #expect(wire.conditions.count == WireDeployment.conditionLimit)
        #expect(wire.services?.count == WireDeployment.serviceLimit)
        #expect(wire.conditions.allSatisfy { $0.message.count <= 401 })
    }

    @Test func noBytesBreakIt() throws {
        let rules = DeploymentRules(source: SourceID("mgmt"), context: "mgmt")
        var generator = Bytes(state: 11)
        let start = Array(try Fixtures.text("kubernetes/get-one.json").utf8)
        var read = 0
        for _ in 0..<1500 {
            let bytes = generator.mutated(start)
            guard let wire = try? JSONDecoder().decode(WireDeployment.self, from: Data(bytes)) else { continue }
            read += 1
            let item = rules.item(
                DeploymentReading(wire: wire, now: DeploymentSamples.at(0)), runs: [], now: DeploymentSamples.at(60))
            #expect(!item.word.isEmpty && !item.name.contains("\n"))
        }
        #expect(read > 100)
    }

    @Test(arguments: [
        ("azure-standalone-cp-1-0-15", "azure-cred", "azure"), ("eks-1-0-0", "c", "aws"), ("gcp-gke-1-0-0", "c", "gcp"),
        ("adopted-cluster-1-0-0", "c", "adopted"), ("our-template", "openstack-cred", "openstack"),
        ("our-template", "secret", "our"), ("vsphere-hosted-cp-1-0-1", "c", "vsphere"),
    ])
    func theProviderIsToldByWhateverTells(template: String, credential: String, provider: String) {
        var wire = DeploymentSamples.wire([], template: template)
        wire.credential = credential
        #expect(DeploymentPlace(wire).provider == provider)
        wire.metadata.labels = ["cloud.k0rdent.mirantis.com/provider": "AWS", "k0rdent.mirantis.com/region": "eu-1"]
        #expect(DeploymentPlace(wire) == DeploymentPlace(DeploymentSamples.wire([], template: template), label: "eu-1"))
    }

    @Test(arguments: [
        ("azure-standalone-cp-1-0-15", "azure-standalone-cp"), ("aws-eks-1.0.2", "aws-eks"), ("demo", "demo"),
        ("aws-hosted-cp-1-0-0-rc1", "aws-hosted-cp"), ("gcp-v2-1-0", "gcp"), ("1-0-0", "1"), ("", ""), ("a--1", "a-"),
    ])
    func aTemplateIsNamedWithoutItsVersion(template: String, name: String) {
        #expect(DeploymentPlace.unversioned(template) == name)
    }
}

extension DeploymentPlace {
    fileprivate init(_ wire: WireDeployment, label region: String) {
        self.init(wire)
        (provider, self.region) = ("aws", region)
    }
}
