import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

/// Questions and answers, with the words of the real API server.
@Suite(.timeLimit(.minutes(5))) struct KubernetesAPITests {
    @Test func discoveryNamesEveryTypeWithItsShortNames() async throws {
        let rig = try await KubernetesRig()
        #expect(try await rig.get("/version").body["gitVersion"]?.text?.hasPrefix("v1.36") == true)
        #expect(try await rig.get("/api").body["versions"] == ["v1"])
        #expect(try await rig.get("/readyz").body == "ok")
        let groups = try await rig.get("/apis").body["groups"]?.list ?? []
        var kinds: [String: String] = [:]
        for group in groups {
            let version = try #require(group.at("preferredVersion", "groupVersion")?.text)
            #expect(try await rig.get("/apis/\(group["name"]?.text ?? "")").body["kind"] == "APIGroup")
            for resource in try await rig.get("/apis/\(version)").body["resources"]?.list ?? [] {
                kinds[resource["name"]?.text ?? ""] =
                    "\(resource["kind"]?.text ?? "") \(resource["shortNames"]?.list?.compactMap(\.text) ?? [])"
            }
        }
        #expect(kinds["clusterdeployments"] == "ClusterDeployment [\"clusterd\", \"cld\"]")
        #expect(kinds["clusterdeployments/status"] == "ClusterDeployment []")
        #expect(kinds["machines"] == "Machine [\"ma\"]")
        #expect(kinds["selfsubjectaccessreviews"] != nil)
        let core = try await rig.get("/api/v1").body["resources"]?.list ?? []
        #expect(core.first { $0["name"] == "namespaces" }?["namespaced"] == false)
    }

    @Test(arguments: [
        ("labelSelector=tier%3Dgold", ["a", "c"]), ("labelSelector=tier==gold,zone", ["c"]),
        ("labelSelector=tier!%3Dgold", ["b"]), ("labelSelector=tier%20in%20(gold,silver)", ["a", "b", "c"]),
        ("labelSelector=tier+notin+(gold)", ["b"]), ("labelSelector=!zone", ["a", "b"]),
        ("fieldSelector=metadata.name%3Db", ["b"]), ("fieldSelector=metadata.namespace!%3Dteam-a", []),
        ("fieldSelector=metadata.name!=b&labelSelector=tier", ["a", "c"]),
    ])
    func selectorsChoose(query: String, names: [String]) async throws {
        let rig = try await KubernetesRig()
        try await rig.create("a", labels: ["tier": "gold"])
        try await rig.create("b", labels: ["tier": "silver"])
        try await rig.create("c", labels: ["tier": "gold", "zone": "1"])
        #expect(try await rig.names(KubernetesRig.deployments + "?" + query) == names)
        #expect(try await rig.names("/apis/k0rdent.mirantis.com/v1beta1/clusterdeployments?" + query) == names)
    }

    @Test func pagesAreOfOneMomentUntilThatIsForgotten() async throws {
        let rig = try await KubernetesRig()
        for name in ["a", "c", "e", "g", "i"] { try await rig.create(name) }
        let first = try await rig.get(KubernetesRig.deployments + "?limit=2").body
        #expect(first.names == ["a", "c"])
        #expect(first.at("metadata", "remainingItemCount") == 3)
        // What comes and goes in between does not show.
        try await rig.create("d")
        try await rig.ask("DELETE", KubernetesRig.deployments + "/g")
        let token = try #require(first.at("metadata", "continue")?.text)
        let second = try await rig.get(KubernetesRig.deployments + "?limit=2&continue=\(token)").body
        #expect(second.names == ["e", "g"])
        #expect(second.at("metadata", "resourceVersion") == first.at("metadata", "resourceVersion"))
        await rig.api.forgetChanges()
        let gone = try await rig.get(KubernetesRig.deployments + "?limit=2&continue=\(token)")
        #expect(gone.status == 410)
        #expect(gone.body["reason"] == "Expired")
        #expect(gone.body["message"]?.text?.hasPrefix("The provided continue parameter is too old") == true)
        let rest = try #require(gone.body.at("metadata", "continue")?.text)
        #expect(try await rig.names(KubernetesRig.deployments + "?continue=\(rest)") == ["d", "e", "i"])
    }

    @Test func listsAreOfTheRevisionThatIsAskedFor() async throws {
        let rig = try await KubernetesRig()
        let revision = try await rig.create("a")
        try await rig.create("b")
        let list = KubernetesRig.deployments
        #expect(try await rig.names(list + "?resourceVersion=\(revision)&resourceVersionMatch=Exact") == ["a"])
        #expect(try await rig.names(list + "?resourceVersion=\(revision)") == ["a", "b"])
        let old = try await rig.get(list + "?resourceVersion=2&resourceVersionMatch=Exact")
        #expect(old.status == 410)
        #expect(old.body["message"] == "The resourceVersion for the provided list is too old.")
        let future = try await rig.get(list + "?resourceVersion=99999999")
        #expect(future.status == 504)
        #expect(
            future.body["message"]?.text?.hasPrefix("Timeout: Too large resource version: 99999999, current: ") == true)
    }

    /// User, method, path behind the deployments of `team-a` or a whole one, body; code, reason and sentence.
    static let refusals: [(String, String, String, JSONValue?, Int, String, String)] = [
        (
            "ops", "GET", "/apis/k0rdent.mirantis.com/v1beta1/clusterdeployments", nil, 403, "Forbidden",
            "clusterdeployments.k0rdent.mirantis.com is forbidden: User \"ops\" cannot list resource \"clusterdeployments\" "
                + "in API group \"k0rdent.mirantis.com\" at the cluster scope"
        ),
        (
            "ops", "GET", "/api/v1/namespaces/team-b/events?watch=1", nil, 403, "Forbidden",
            "events is forbidden: User \"ops\" cannot watch resource \"events\" in API group \"\" in the namespace \"team-b\""
        ),
        (
            "ops", "DELETE", "/a", nil, 403, "Forbidden",
            "clusterdeployments.k0rdent.mirantis.com \"a\" is forbidden: User \"ops\" cannot delete resource "
                + "\"clusterdeployments\" in API group \"k0rdent.mirantis.com\" in the namespace \"team-a\""
        ),
        ("stranger", "GET", "", nil, 401, "Unauthorized", "Unauthorized"),
        (
            "admin", "GET", "/nope", nil, 404, "NotFound",
            "clusterdeployments.k0rdent.mirantis.com \"nope\" not found"
        ),
        (
            "admin", "GET", "/apis/k0rdent.mirantis.com/v1beta1/frobs", nil, 404, "NotFound",
            "the server could not find the requested resource"
        ),
        (
            "admin", "POST", "", ["metadata": ["name": "a"]], 409, "AlreadyExists",
            "clusterdeployments.k0rdent.mirantis.com \"a\" already exists"
        ),
        (
            "admin", "PUT", "/a", ["metadata": ["name": "a", "resourceVersion": "7"]], 409, "Conflict",
            "Operation cannot be fulfilled on clusterdeployments.k0rdent.mirantis.com \"a\": the object has been modified; "
                + "please apply your changes to the latest version and try again"
        ),
        (
            "admin", "POST", "/apis/k0rdent.mirantis.com/v1beta1/namespaces/nowhere/clusterdeployments",
            ["metadata": ["name": "a"]], 404, "NotFound", "namespaces \"nowhere\" not found"
        ),
        (
            "admin", "GET", "?continue=bogus", nil, 400, "BadRequest",
            "invalid continue token: continue key is not valid: illegal base64 data at input byte 4"
        ),
        (
            "admin", "GET", "?fieldSelector=spec.template%3Dx", nil, 400, "BadRequest",
            "field label not supported: spec.template"
        ),
    ]

    @Test(arguments: refusals.indices) func refusalsAreWorded(index: Int) async throws {
        let (user, method, path, body, code, reason, message) = Self.refusals[index]
        let rig = try await KubernetesRig()
        try await rig.create("a")
        let target = path.hasPrefix("/api") ? path : KubernetesRig.deployments + path
        let answer = try await rig.ask(method, target, body, user: user)
        #expect(answer.status == code)
        #expect(answer.body["kind"] == "Status")
        #expect(answer.body["status"] == "Failure")
        #expect(answer.body["code"] == .whole(code))
        #expect(answer.body["reason"]?.text == reason)
        #expect(answer.body["message"]?.text == message)
    }

    @Test func patchesMergeAndLeaveTheOtherPartAlone() async throws {
        let rig = try await KubernetesRig()
        let revision = try await rig.create("a", labels: ["old": "1"])
        let target = KubernetesRig.deployments + "/a"
        let patched = try await rig.patch(
            target,
            [
                "metadata": ["labels": ["old": .null, "new": "2"]], "spec": ["dryRun": true],
                "status": ["k8sVersion": "v9"],
            ]
        ).body
        #expect(patched.at("metadata", "labels") == ["new": "2"])
        #expect(patched["spec"] == ["template": "azure-standalone-cp-1-0-15", "dryRun": true])
        #expect(patched["status"] == nil)
        #expect(patched.at("metadata", "generation") == 2)
        let status = try await rig.patch(
            target + "/status", ["spec": ["dryRun": false], "status": ["k8sVersion": "v1.32.6"]]
        ).body
        #expect(status.at("status", "k8sVersion") == "v1.32.6")
        #expect(status.at("spec", "dryRun") == true)
        #expect(status.at("metadata", "generation") == 2)
        // Who read the object before all this has lost the race.
        let late = try await rig.patch(
            target, ["metadata": ["resourceVersion": .text(revision)], "spec": ["dryRun": false]])
        #expect(late.status == 409)
        #expect(late.body["reason"] == "Conflict")
        let current = try #require(status.at("metadata", "resourceVersion"))
        let won = try await rig.patch(target, ["metadata": ["resourceVersion": current], "spec": ["dryRun": false]])
        #expect(won.status == 200)
        let dry = try await rig.patch(target + "?dryRun=All", ["spec": ["dryRun": true]]).body
        #expect(dry.at("spec", "dryRun") == true)
        #expect(try await rig.get(target).body.at("spec", "dryRun") == false)
        let wrong = try await rig.ask("PATCH", target, [:], type: "application/json-patch+json")
        #expect(wrong.status == 415)
    }

    @Test func finalizersHoldADeletedObject() async throws {
        let rig = try await KubernetesRig()
        try await rig.create("a", finalizers: ["k0rdent.mirantis.com/cluster-deployment"])
        let target = KubernetesRig.deployments + "/a"
        let held = try await rig.ask("DELETE", target).body
        #expect(held["kind"] == "ClusterDeployment")
        #expect(held.at("metadata", "deletionTimestamp") == "2026-11-20T22:00:00Z")
        #expect(try await rig.get(target).status == 200)
        #expect(try await rig.patch(target, ["metadata": ["finalizers": .null]]).status == 200)
        #expect(try await rig.get(target).status == 404)
        try await rig.create("b")
        let gone = try await rig.ask("DELETE", KubernetesRig.deployments + "/b").body
        #expect(gone["kind"] == "Status")
        #expect(gone["status"] == "Success")
    }

    @Test func namesAreGeneratedAndWholeNamespacesGo() async throws {
        let rig = try await KubernetesRig()
        let made = try await rig.ask("POST", KubernetesRig.deployments, ["metadata": ["generateName": "run-"]])
        #expect(made.status == 201)
        let name = try #require(made.body.at("metadata", "name")?.text)
        #expect(name.hasPrefix("run-") && name.utf8.count == 9)
        #expect(try await rig.names(KubernetesRig.deployments) == [name])
        try await rig.ask("DELETE", "/api/v1/namespaces/team-a")
        #expect(try await rig.names(KubernetesRig.deployments) == [])
    }

    @Test(arguments: [
        ("ops", "list", "team-a", true), ("ops", "list", "", false), ("ops", "delete", "team-a", false),
        ("ops", "watch", "team-b", false), ("admin", "delete", "", true),
    ])
    func accessReviewsTellWhatIsAllowed(user: String, verb: String, namespace: String, isAllowed: Bool) async throws {
        let rig = try await KubernetesRig()
        let answer = try await rig.ask(
            "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            [
                "spec": [
                    "resourceAttributes": [
                        "group": "k0rdent.mirantis.com", "resource": "clusterdeployments", "verb": .text(verb),
                        "namespace": .text(namespace),
                    ]
                ]
            ], user: user)
        #expect(answer.status == 201)
        #expect(answer.body.at("status", "allowed") == .bool(isAllowed))
    }
}
