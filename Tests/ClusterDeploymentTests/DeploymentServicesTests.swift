import Fleet
import Foundation
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// How many services there are, how many of them run, and why one does not.
@Suite struct DeploymentServicesTests {
    private func services(_ list: [WireService]?, _ numbers: String? = nil) -> DeploymentServices {
        DeploymentServices(Sample.wire(numbers.map { [Sample.services($0)] } ?? [], services: list))
    }

    @Test func deployedOnesCountAndEachServiceOnce() {
        let counted = services([
            WireService(name: "ingress", namespace: "a", state: "Deployed"),
            WireService(name: "ingress", namespace: "a", state: "Provisioning"),
            WireService(name: "ingress", namespace: "b", state: "Pending"),
            WireService(name: "old", namespace: "a", state: "Deleting"),
            WireService(name: "older", namespace: "a", state: "Deleted"),
            WireService(name: "odd", namespace: "a", state: "Upgrading"),
        ])
        #expect(counted.ready == 1 && counted.total == 3 && counted.entries.count == 6)
        #expect(counted.entries.map(\.state) == [.done, .running, .waiting, .running, .running, .running])
        #expect(counted.failures.isEmpty)
    }

    @Test func theConditionCountsWhereTheListDoesNot() {
        #expect(services(nil, "1/3").total == 3)
        #expect(services([], "2/3").ready == 2)
        #expect(services([WireService(name: "a", state: "Deployed")], "1/3").total == 3, "the list comes later")
        #expect(services([WireService(name: "a", state: "Deployed")], "0/1").ready == 1)
        #expect(services(nil).total == nil && services([]).ready == nil)
    }

    @Test(arguments: ["3/2", "-1/2", "1", "1/2/3", "a/b", "", "/", "Services 1/2", "99999999999999999999/1"])
    func otherTextIsNoNumber(message: String) { #expect(DeploymentServices.numbers(message) == nil) }

    @Test func aFailureTellsWhy() {
        let broken = Sample.condition("Helm", "False", "Failed", "chart not found")
        let failed = services([
            WireService(name: "a", state: "Failed", failureMessage: "timed out", conditions: [broken]),
            WireService(name: "b", state: "Failed", conditions: [broken]), WireService(name: "c", state: "Failed"),
            WireService(name: "d", state: "Provisioning", conditions: [broken]),
        ])
        #expect(failed.failures == ["a: timed out", "b: chart not found", "c"])
    }

    @Test func anUpdateCountsTheSameNames() {
        func service(_ name: String, _ state: String) -> ProgressUpdate.Service {
            ProgressUpdate.Service(WireService(name: name, namespace: "ingress", state: state))
        }
        let counted = DeploymentServices.count([
            service("nginx", "Provisioning"), service("nginx", "Deployed"), service("dns", "Failed"),
            service("old", "Deleting"),
        ])
        #expect(counted == (1, 2))
        #expect(DeploymentServices.count([]) == (0, 0))
    }
}
