import Foundation
import KubeRig
import Sandbox
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// The real `kubectl` in front of an API server in which a KubeVirt lives; a pool is made, lent, taken back and looked after.
    @Suite(.needsTerminal) struct PoolStories {
        @Test("bootstrap makes three clusters from nothing; kubectl sees three namespaces and six ready snapshots")
        func bootstrap() async throws {
            try await PoolStage.play(clusters: ["cluster1", "cluster2", "cluster3"]) { pool in
                let none = try await pool.slipway("pool", "status")
                #expect(none.code == 0 && none.out.contains("slipway pool bootstrap"), "\(none.err)")
                let made = try await pool.slipway("pool", "bootstrap")
                #expect(made.code == 0, "\(made.err)")
                for step in [
                    "cluster2  creating", "Control plane ready", "Snapshot control plane", "cluster3  available",
                ] {
                    #expect(made.out.contains(step), "\(made.out)")
                }
                #expect(!made.out.contains("abcdef") && !made.err.contains("abcdef"))

                let names = try await pool.kubectl("get", "namespaces", "-l", "cks.io/cluster-pool=true", "-o", "name")
                #expect(names.out == "namespace/cluster1\nnamespace/cluster2\nnamespace/cluster3\n", "\(names.err)")
                let snapshots = try await pool.kubectl(
                    "get", "vmsnapshot", "-A", "-l", "cks.io/cluster-id", "-o",
                    #"jsonpath={range .items[*]}{.metadata.name} {.status.readyToUse}{"\n"}{end}"#)
                #expect(
                    snapshots.out == String(repeating: "cp-snap true\nwk-snap true\n", count: 3), "\(snapshots.err)")
                let machines = try await pool.kubectl("get", "vm", "-A", "-o", "jsonpath={.items[*].status.ready}")
                #expect(machines.out == "true true true true true true")
                // The way into the machine is virtctl's, with nothing of a shell in between.
                #expect(
                    pool.stage.text("virtctl.log")?.contains("ssh ubuntu@vm/cp-cluster1 --namespace cluster1") == true)

                let status = try await pool.slipway("pool", "status")
                #expect(status.code == 0 && status.out.contains("3 clusters: 3 available"), "\(status.out)")
                #expect(status.out.contains("cp-cluster2 Running") && status.out.contains("2/2"), "\(status.out)")
                let json = try await pool.slipway("pool", "status", "-o", "json")
                #expect(
                    json.out.contains(#""availableClusters" : 3"#)
                        && json.out.contains(#""workerNodeVM" : "wk-cluster3""#))

                // What lives is not made anew without a word.
                let again = try await pool.slipway("pool", "bootstrap")
                #expect(again.code == 2 && again.out.isEmpty, "\(again.out)")
                #expect(again.err.contains("cp-cluster1 and wk-cluster1") && again.err.contains("--confirm cluster1"))
            }
        }

        @Test("serve lends, takes back and resets over HTTP, and goes on with what was only ordered")
        func service() async throws {
            try await PoolStage.play { pool in
                let (child, url) = try await pool.serve()
                #expect(try await pool.curl("POST", url + "/api/v1/admin/bootstrap-pool", token: false).status == 401)
                let made = try await pool.curl("POST", url + "/api/v1/admin/bootstrap-pool")
                #expect(made.status == 202 && made.headers.contains("location: /api/v1/pool"), "\(made)")
                let watch = try await pool.slipway("watch", "pool", "cluster1")
                #expect(watch.code == 0 && watch.out.contains("Control plane ready"), "\(watch.out)\(watch.err)")
                try await eventually("A free cluster") {
                    try await pool.note("cluster-status", of: "cluster1") == "available" ? () : nil
                }

                let lent = try await pool.curl("POST", url + "/api/v1/pool/assign", #"{"sessionId":"ab12"}"#)
                #expect(lent.status == 200 && lent.body.contains(#""assignedSession":"ab12""#), "\(lent)")
                #expect(try await pool.note("assigned-session", of: "cluster1") == "ab12")
                let none = try await pool.curl("POST", url + "/api/v1/pool/assign", #"{"sessionId":"cd34"}"#)
                #expect(none.status == 409 && none.body.contains("no available clusters in pool"), "\(none)")
                // The command says the same as the service.
                let other = try await pool.slipway("pool", "assign", "cd34")
                #expect(other.code == 1 && other.err.contains("cluster1 is held by session ab12, free again in about"))
                let same = try await pool.slipway("pool", "assign", "ab12")
                #expect(same.code == 0 && same.out.contains("virtctl ssh ubuntu@vm/cp-cluster1"), "\(same.err)")

                let release = try await pool.curl("POST", url + "/api/v1/pool/release", #"{"sessionId":"ab12"}"#)
                #expect(release.status == 202 && release.headers.contains("location: /api/v1/pool/clusters/cluster1"))
                let back = try await pool.slipway("watch", "pool", "cluster1")
                #expect(back.code == 0 && back.out.contains("cluster1  available"), "\(back.out)\(back.err)")
                #expect(try await !pool.note("last-reset", of: "cluster1").isEmpty)

                // Somebody is there to carry it out.
                let ordered = try await pool.slipway("pool", "reset", "cluster1", "--no-wait")
                #expect(ordered.code == 0 && ordered.out.contains("carries it out"), "\(ordered.err)")
                #expect(try await pool.slipway("watch", "pool", "cluster1").code == 0)
                child.send(SIGTERM)
                #expect(try await child.ended(within: 20) == 0)
                let alone = try await pool.slipway("pool", "reset", "cluster1", "--no-wait")
                #expect(alone.code == 1 && alone.err.contains("no manager runs for training"), "\(alone.err)")
                #expect(try await pool.note("cluster-status", of: "cluster1") == "available")
            }
        }

        @Test("a command that is stopped leaves its work where it is, and a round of maintenance ends it")
        func interruption() async throws {
            try await PoolStage.play { pool in
                let bootstrap = try pool.start("pool", "bootstrap", "cluster1")
                try await pool.see("Control plane ready", in: bootstrap)
                bootstrap.send(SIGINT)
                #expect(try await bootstrap.ended(within: 20) == 130)
                #expect(
                    bootstrap.complained.contains("The bootstrap of cluster1 is left at"), "\(bootstrap.complained)")
                #expect(bootstrap.complained.contains("slipway pool maintain --once --context training"))
                // It stands where it was, and nobody is said to be at it.
                #expect(try await pool.note("cluster-status", of: "cluster1") == "creating")
                let busy = try await pool.slipway("pool", "reset", "cluster1")
                #expect(busy.code == 1 && busy.err.contains("there is a bootstrap"), "\(busy.err)")
                let round = try await pool.slipway("pool", "maintain", "--once")
                #expect(round.code == 0 && round.err.contains("bootstrap goes on at"), "\(round.err)")
                #expect(try await pool.note("cluster-status", of: "cluster1") == "available")

                // What fails is told with its cause, and ends with 1.
                await pool.kubeVirt.set(
                    .restoreFails(reason: "Error creating pvc: exceeded quota"), for: "wk-cluster1-restore-*")
                let failed = try await pool.slipway("pool", "reset", "cluster1")
                #expect(failed.code == 1 && failed.out.contains("exceeded quota"), "\(failed.out)\(failed.err)")
                await pool.kubeVirt.heal()
                let well = try await pool.slipway("pool", "reset", "cluster1")
                #expect(well.code == 0 && well.out.contains("cluster1  available"), "\(well.out)\(well.err)")

                // A manager that is told to end does so at once and leaves no Lease behind.
                let manager = try pool.start("pool", "maintain")
                try await pool.see("the maintenance of the pool is ours", in: manager)
                manager.send(SIGINT)
                #expect(try await manager.ended(within: 20) == 0)
                let lease = try await pool.kubectl(
                    "get", "leases.coordination.k8s.io", "cks-pool-maintenance", "-n", "vm-templates", "-o",
                    "jsonpath={.spec.holderIdentity}")
                #expect(lease.code == 0 && lease.out.isEmpty, "\(lease)")
                let doctor = try await pool.slipway("doctor")
                #expect(doctor.code == 0 && doctor.out.contains("1 namespaces with cks.io"), "\(doctor.out)")
            }
        }

        @Test("what is asked for in the action menu is done; what is unfinished at the end is told")
        func actions() async throws {
            try await PoolStage.play(bare: ["cluster1"]) { pool in
                let terminal = try await Terminal.dashboard(
                    pool.stage, columns: 140, rows: 40, environment: pool.environment, "--allow-writes")
                try await terminal.see("cluster1")
                try await terminal.press("2")
                try await terminal.press("a")
                try await terminal.see("ACTIONS ON cluster1")
                try await terminal.press("a")
                try await terminal.see("session")
                try await terminal.type("mine")
                try await terminal.press("Enter")
                try await terminal.see("cluster1 is lent to the session")
                try await terminal.press("y")
                try await terminal.see("cluster1: lent to session mine")
                #expect(try await pool.note("assigned-session", of: "cluster1") == "mine")
                try await terminal.see("locked")
                // It has no machines that could be restored.
                try await terminal.press("a", "u")
                try await terminal.see("Session mine loses cluster1")
                try await terminal.press("y")
                try await terminal.see("1 error", "reset")
                try await terminal.press("a", "b")
                try await terminal.see("cluster1 is made from the templates")
                try await terminal.press("y")
                try await terminal.see("Control plane ready")
                try await terminal.press("q")
                #expect(try await terminal.ending().code == "0")
                let left = try await terminal.screen()
                #expect(left.contains("slipway: The bootstrap of cluster1 is left at"), "\(left)")
                #expect(left.contains("slipway pool maintain --once --context training"), "\(left)")
                #expect(try await pool.note("cluster-status", of: "cluster1") == "creating")
            }
        }

        @Test("every refusal is a sentence of what stands in the way and one of what to do")
        func refusals() async throws {
            try await PoolStage.play(bare: ["cluster1", "cluster2"]) { pool in
                func refused(
                    _ code: Int32, _ needle: String, _ advice: String, _ arguments: String...,
                    at place: SourceLocation = #_sourceLocation
                ) async throws {
                    let outcome = try await pool.stage.run(
                        Program.slipway, ["pool"] + arguments, environment: pool.environment)
                    #expect(outcome.code == code, "\(outcome)", sourceLocation: place)
                    #expect(
                        outcome.err.contains(needle) && outcome.err.contains(advice), "\(outcome.err)",
                        sourceLocation: place)
                }
                #expect(try await pool.slipway("pool", "assign", "s1", "--minutes", "5").code == 0)
                try await refused(2, "sessionId \"a b\"", "letters, digits", "assign", "a b")
                try await refused(
                    2, "cannot hold a cluster for so long", "minutes", "assign", "s2", "--minutes", "999999")
                try await refused(1, "cluster1 is not free", "another cluster", "assign", "s2", "--cluster", "cluster1")
                try await refused(2, "no cluster nope", "cluster1, cluster2", "assign", "s2", "--cluster", "nope")
                try await refused(2, "No cluster is held by session nope", "pool status", "release", "nope")
                try await refused(1, "cluster2 is held by no session", "Nothing was changed", "release", "cluster2")
                try await refused(1, "0 of 2 golden snapshots", "Nothing was changed", "reset", "cluster2")
                try await refused(1, "0 of 2 machines running", "Nothing was changed", "snapshot", "cluster2")
                try await refused(2, "no cluster nope", "There are: cluster1", "reset", "nope")
                try await refused(2, "cannot be a cluster's name", "lower-case", "bootstrap", "Cluster_1")
                try await refused(2, "held by session s1", "--confirm cluster1", "bootstrap", "cluster1")
                try await refused(
                    2, "names none of the clusters", "cluster1", "bootstrap", "cluster1", "--confirm", "x")
                try await refused(2, "held by session s1", "--confirm cluster1", "mark", "cluster1", "error")
                try await refused(1, "no manager runs", "--no-wait", "release", "s1", "--no-wait")
                try await refused(4, "cannot patch", "right", "assign", "s3", "--context", "viewer")
                try await refused(4, "There is no kube context nope", "There are", "status", "--context", "nope")
                let marked = try await pool.slipway(
                    "pool", "mark", "cluster1", "error", "--reason", "disk is full", "--confirm", "cluster1")
                #expect(marked.code == 0 && marked.out == "cluster1  error\n", "\(marked.err)")
                let status = try await pool.slipway("pool", "status")
                #expect(status.out.contains("disk is full") && status.out.contains("2 clusters: 1 available, 1 error"))
                #expect(try await pool.slipway("watch", "pool", "cluster1").code == 1)
                #expect(try await pool.slipway("watch", "pool", "cluster2").code == 0)
                #expect(try await pool.slipway("pool", "mark", "cluster1", "available").code == 0)

                let folder = pool.stage.home.path + "/templates"
                let templates = try await pool.slipway("pool", "templates", folder)
                #expect(templates.code == 0 && templates.out.split(separator: "\n").count == 4)
                try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/worker-node-template.yaml"))
                #expect(
                    try await pool.slipway("pool", "templates", folder).out.contains(
                        "worker-node-template.yaml as it is"))
                #expect(pool.stage.text("templates/worker-node-template.yaml") == "mine")
                try pool.stage.configure("pool: {contexts: [training, viewer], sessions: \"http://10.0.0.1:8080\"}\n")
                try await refused(2, "Several pools are configured", "training, viewer", "status")
                try await refused(
                    2, "lent by another backend, http://10.0.0.1:8080", "sessions", "assign", "s4", "--context",
                    "training")
                let serve = try await pool.slipway("serve", "--port", "0", "--pool", "training")
                #expect(serve.code == 2 && serve.err.contains("Slipway only reads them"), "\(serve.err)")
                try pool.stage.configure("pool: {contexts: [training], templates: /nonexistent}\n")
                try await refused(2, "no folder /nonexistent", "pool templates", "bootstrap", "cluster3")
                await pool.api.removeResource("virtualmachines.kubevirt.io")
                try await refused(4, "KubeVirt is not installed in training", "Install KubeVirt", "status")
                try pool.stage.configure("")
                try await refused(2, "No pool is configured", "--context NAME", "status")
            }
        }
    }
}
