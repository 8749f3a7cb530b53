import Fleet
import Foundation
import NIOPosix
import Sandbox
import Testing
import Upstream

@testable import Web

/// The pool's routes over HTTP, with a manager behind them and a KubeVirt that reacts.
@Suite(.timeLimit(.minutes(3))) struct PoolRoutesTests {
    @Test func clustersAreLentKeptAndTakenBack() async throws {
        try await PoolService.run(bare: ["cluster1", "cluster2"]) { pool in
            let first = try await pool.get("pool")
            #expect(first.status == 200 && first.json?["stats"]?["availableClusters"] == .number(2))
            #expect(first.json?["stats"]?["statusByCluster"]?["cluster2"] == .text("available"))
            #expect(
                first.json?["clusters"]?.list.first?.names == [
                    "clusterId", "controlPlaneVM", "createdAt", "lastHealthCheck", "lastReset", "namespace", "status",
                    "workerNodeVM",
                ])

            let lent = try await pool.send("POST", "pool/assign", #"{"sessionId":"ab12","minutes":90}"#)
            #expect(lent.status == 200 && lent.json?["clusterId"] == .text("cluster1"))
            #expect(lent.json?["assignedSession"] == .text("ab12") && lent.json?["status"] == .text("locked"))
            // Who looks next is told of it, and a second request of the same session changes nothing.
            let stats = try await pool.get("pool").json?["stats"]
            #expect(stats?["lockedClusters"] == .number(1) && stats?["availableClusters"] == .number(1))
            let again = try await pool.send("POST", "pool/assign", #"{"sessionId":"ab12","scenarioId":"x"}"#)
            #expect(again.status == 200 && again.json == lent.json)
            #expect(
                try await pool.send("POST", "pool/assign", #"{"sessionId":"cd34","clusterId":"cluster2"}"#).status
                    == 200)

            let none = try await pool.send("POST", "pool/assign", #"{"sessionId":"ef56"}"#)
            #expect(none.status == 409 && none.json?["error"] == .text("no available clusters in pool"))
            let holders = none.json?["clusters"]?.list ?? []
            #expect(holders.compactMap { $0["sessionId"]?.text } == ["cd34", "ab12"])
            #expect((3600...4200).contains(holders.first?["freeInSeconds"]?["p50"]?.number ?? 0))
            #expect(holders.first?["lockExpires"]?.text.flatMap { WireTime.date($0) } != nil)
            #expect(none.json?["advice"]?.text?.contains("cluster2 is held by session cd34") == true)

            let sessions = try await pool.get("sessions").json?.list ?? []
            #expect(sessions.compactMap { $0["id"]?.text } == ["ab12", "cd34"])
            let session = try await pool.get("sessions/ab12")
            #expect(
                session.json?["assignedCluster"] == .text("cluster1") && session.json?["status"] == .text("running"))
            #expect(session.json?["clusterLockTime"] == lent.json?["lockTime"])
            func end(_ session: JSON?) -> Date? { session?["expirationTime"]?.text.flatMap { WireTime.date($0) } }
            // Until half an hour from now, which is earlier than before; as the existing backend does it.
            let extended = try await pool.send("PUT", "sessions/ab12/extend")
            #expect(extended.status == 200)
            #expect(try #require(end(extended.json?["session"])) < #require(end(session.json)))
            #expect(try await end(pool.get("sessions/ab12").json) == end(extended.json?["session"]))

            let back = try await pool.send("POST", "pool/release", #"{"sessionId":"ab12"}"#)
            #expect(back.status == 202 && back.json?["status"] == .text("resetting"))
            #expect(back.headers["location"] == "/api/v1/pool/clusters/cluster1")
            #expect(try await pool.get("sessions/ab12").status == 404)
            // It has no machines: the reset fails, and the place to look says why.
            let failed = try await pool.cluster("cluster1", until: "error")
            #expect(failed["item"]?["phases"]?.list.first?["state"] == .text("failed"))
            #expect(failed["item"]?["attention"]?["cause"]?.text?.contains("no control-plane machine") == true)
            #expect(try await pool.send("DELETE", "sessions/cd34").status == 202)
            #expect(try await pool.send("DELETE", "sessions/cd34").status == 404)
        }
    }

    @Test func aPoolIsMadeWhileNobodyWaits() async throws {
        try await PoolService.run(token: "t0ken", clusters: ["cluster1"]) { pool in
            // Who ordered it has gone before it has begun.
            let bootstrap = "POST /api/v1/admin/bootstrap-pool HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t0ken\r\n"
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: pool.http.port).get()
            try await channel.writeAndFlush(channel.allocator.buffer(string: bootstrap + "Content-Length: 0\r\n\r\n"))
            try await channel.close()
            var seen: Set<String> = []
            for _ in 0..<4000 {
                let json = try await pool.get("pool/clusters/cluster1").json
                for phase in json?["item"]?["phases"]?.list ?? [] where phase["state"] == .text("running") {
                    seen.insert(phase["name"]?.text ?? "")
                }
                if json?["cluster"]?["status"] == .text("available") { break }
                try await pool.time.sleep(2)
            }
            #expect(seen.contains("Control plane ready") && seen.contains("Snapshot control plane"))
            let made = try await pool.cluster("cluster1", until: "available")
            #expect(made["cluster"]?["controlPlaneVM"] == .text("cp-cluster1"))
            let snapshots = made["item"]?["detail"]?["pool"]?["snapshots"] ?? made["item"]?["detail"]?["snapshots"]
            #expect(snapshots?.list.map { $0["isReady"] == .flag(true) } == [true, true])

            // Machines that live are not made anew without a word.
            let refused = try await pool.send("POST", "admin/bootstrap-pool")
            #expect(refused.status == 409)
            #expect(refused.json?["skipped"]?["cluster1"]?.text?.contains("cp-cluster1 and wk-cluster1") == true)
            #expect(refused.json?["skipped"]?["cluster1"]?.text?.contains("Name it in replace") == true)
            let partly = try await pool.send("POST", "admin/bootstrap-pool", #"{"clusters":["cluster1","cluster7"]}"#)
            #expect(partly.status == 202 && partly.json?["clusters"] == .list([.text("cluster7")]))
            #expect(partly.json?["status"] == .text("accepted") && partly.headers["location"] == "/api/v1/pool")
            #expect(partly.json?["skipped"]?.names == ["cluster1"])

            let snapshot = try await pool.send("POST", "admin/create-snapshots", #"{"clusters":["cluster1"]}"#)
            #expect(snapshot.status == 409)
            let anew = try await pool.send(
                "POST", "admin/create-snapshots", #"{"clusters":["cluster1"],"replace":["cluster1"]}"#)
            #expect(anew.status == 202 && anew.json?["clusters"] == .list([.text("cluster1")]))
            _ = try await pool.cluster("cluster1", until: "available")

            let lent = try await pool.send("POST", "pool/assign", #"{"sessionId":"s1","clusterId":"cluster1"}"#)
            #expect(lent.status == 200, "\(lent.body)")
            let all = try await pool.send("POST", "admin/release-all-clusters")
            #expect(all.status == 202 && all.json?["poolStatus"]?["lockedClusters"] == .number(0))
            #expect(all.json?["poolStatus"]?["resettingClusters"] == .number(1))
            _ = try await pool.cluster("cluster1", until: "available")
        }
    }

    static let writing = [
        ("POST", "pool/assign"), ("POST", "pool/release"), ("PUT", "sessions/s1/extend"), ("DELETE", "sessions/s1"),
    ]
    static let administrating = [
        ("POST", "admin/bootstrap-pool"), ("POST", "admin/create-snapshots"), ("POST", "admin/release-all-clusters"),
    ]

    @Test func tokensAreAskedFor() async throws {
        try await PoolService.run(token: "t0ken", bare: ["cluster1"]) { pool in
            var stranger = pool
            for wrong in [nil, "t0kem"] {
                stranger.token = wrong
                for (method, path) in Self.writing + Self.administrating {
                    let answer = try await stranger.send(method, path, #"{"sessionId":"s1"}"#)
                    #expect(answer.status == 401 && !answer.body.contains("t0ken"), "\(path): \(answer.body)")
                }
            }
            #expect(try await stranger.get("pool").status == 200)
            #expect(try await pool.send("POST", "pool/assign", #"{"sessionId":"s1"}"#).status == 200)
        }
        try await PoolService.run(bare: ["cluster1"]) { pool in
            for (method, path) in Self.administrating {
                let answer = try await pool.send(method, path)
                #expect(answer.status == 403 && answer.json?["advice"]?.text?.contains("SLIPWAY_TOKEN") == true)
            }
            #expect(try await pool.send("POST", "pool/assign", #"{"sessionId":"s1"}"#).status == 200)
        }
    }

    struct Bad: Sendable {
        var method = "POST"
        let path: String
        var body: String?
        var status = 400
        /// What the error must name.
        let says: String
    }

    static let bad = [
        Bad(path: "pool/assign", says: "empty"), Bad(path: "pool/assign", body: "{oops", says: "JSON"),
        Bad(path: "pool/assign", body: "[1]", says: "JSON object"),
        Bad(path: "pool/assign", body: "{}", says: "Missing required field: sessionId"),
        Bad(path: "pool/assign", body: #"{"sessionId":7}"#, says: "sessionId must be a text"),
        Bad(path: "pool/assign", body: #"{"sessionId":""}"#, says: "sessionId is empty"),
        Bad(path: "pool/assign", body: #"{"sessionId":"\#(String(repeating: "a", count: 65))"}"#, says: "sessionId"),
        Bad(path: "pool/assign", body: #"{"sessionId":"a\u001b[31m"}"#, says: "sessionId \"a\u{FFFD}[31m\""),
        Bad(path: "pool/assign", body: #"{"sessionId":"a b"}"#, says: "sessionId"),
        Bad(path: "pool/assign", body: #"{"sessionId":"s","minutes":"9"}"#, says: "minutes must be a whole number"),
        Bad(path: "pool/assign", body: #"{"sessionId":"s","minutes":1.5}"#, says: "minutes must be a whole number"),
        Bad(path: "pool/assign", body: #"{"sessionId":"s","minutes":-1}"#, says: "minutes must not be below 0"),
        Bad(path: "pool/assign", body: #"{"sessionId":"s","minutes":999999}"#, says: "minutes: "),
        Bad(path: "pool/assign", body: #"{"sessionId":"s","clusterId":"../x"}"#, says: "clusterId: "),
        Bad(path: "pool/assign", body: #"{"sessionId":"s","clusterId":["c"]}"#, says: "clusterId must be a text"),
        Bad(path: "pool/assign", body: #"{"sessionId":"s","clusterId":"nope"}"#, status: 404, says: "no cluster nope"),
        Bad(path: "pool/assign", body: String(repeating: " ", count: 70_000), status: 413, says: "larger"),
        Bad(path: "pool/release", body: "{}", says: "sessionId or clusterId"),
        Bad(path: "pool/release", body: #"{"sessionId":"s","clusterId":"c"}"#, says: "not both"),
        Bad(path: "pool/release", body: #"{"sessionId":"s"}"#, status: 404, says: "session s"),
        Bad(path: "pool/release", body: #"{"clusterId":"cluster1"}"#, status: 409, says: "held by no session"),
        Bad(path: "pool/release", body: #"{"clusterId":"nope"}"#, status: 404, says: "no cluster nope"),
        Bad(method: "GET", path: "pool/clusters/nope%1b", status: 404, says: "nope\u{FFFD}"),
        Bad(method: "GET", path: "sessions/s", status: 404, says: "session s"),
        Bad(method: "GET", path: "sessions/a%20b", says: "sessionId"),
        Bad(method: "DELETE", path: "sessions/%1b", says: "sessionId"),
        Bad(method: "PUT", path: "sessions/s/extend", body: #"{"minutes":0}"#, says: "minutes: "),
        Bad(method: "PUT", path: "sessions/s/extend", body: #"{"minutes":5}"#, status: 404, says: "session s"),
        Bad(path: "admin/bootstrap-pool", body: #"{"clusters":"cluster1"}"#, says: "clusters must be a list"),
        Bad(path: "admin/bootstrap-pool", body: #"{"clusters":["A"]}"#, says: "clusters: \"A\""),
        Bad(path: "admin/bootstrap-pool", body: #"{"clusters":[]}"#, says: "clusters must not be empty"),
        Bad(path: "admin/bootstrap-pool", body: #"{"replace":["other"]}"#, says: "replace names other"),
        Bad(path: "admin/create-snapshots", body: #"{"clusters":["nope"]}"#, status: 409, says: "skipped"),
        Bad(method: "POST", path: "pool", status: 405, says: "GET, HEAD"),
        Bad(method: "GET", path: "pool/assign", status: 405, says: "POST"),
    ]

    @Test func badInputIsRefusedByItsField() async throws {
        try await PoolService.run(token: "t0ken", bare: ["cluster1"]) { pool in
            _ = try await pool.get("pool")
            for bad in Self.bad {
                let answer = try await pool.send(bad.method, bad.path, bad.body)
                #expect(answer.status == bad.status, "\(bad.path) \(bad.body?.prefix(80) ?? ""): \(answer.body)")
                #expect(
                    answer.json?["error"]?.text?.contains(bad.says) == true,
                    "\(bad.path) \(bad.body?.prefix(80) ?? ""): \(answer.body)")
            }
            let after = try await pool.get("pool").json
            #expect(after?["stats"]?["availableClusters"] == .number(1))
        }
    }

    @Test func withoutAPoolEveryRouteSaysSo() async throws {
        try await TestService.run(token: "t0ken") { service in
            for (method, path) in Self.writing + Self.administrating + [("GET", "pool"), ("GET", "sessions")] {
                let answer = try await service.send(method, "/api/v1/" + path, body: "{}")
                #expect(answer.status == 404)
                #expect(answer.error == "No pool is managed here: start with --pool CONTEXT.")
            }
        }
    }

    @Test func whatKubernetesRefusesIsToldWithItsStatus() async throws {
        try await PoolService.run(bare: ["cluster1"], user: KubeUser.ops.name) { pool in
            #expect(try await pool.get("pool").json?["stats"]?["availableClusters"] == .number(1))
            let refused = try await pool.send("POST", "pool/assign", #"{"sessionId":"s1"}"#)
            #expect(refused.status == 502)
            #expect(refused.json?["error"]?.text?.contains("cannot patch resource") == true, "\(refused.body)")
            #expect(refused.json?["advice"]?.text?.contains("right") == true)
            await pool.api.set(fault: .text(status: 502, "dial tcp 10.0.0.1:6443: connect: connection refused"))
            let away = try await pool.send("POST", "pool/assign", #"{"sessionId":"s1"}"#)
            #expect(away.status == 503 && away.json?["error"]?.text?.contains("is down") == true)
            await pool.api.set(fault: nil)
        }
    }
}
