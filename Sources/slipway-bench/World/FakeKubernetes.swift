import Foundation

/// A management cluster of k0rdent with many deployments and a steady load, behind the real `kubectl`.
final class FakeKubernetes {
    private static let context = "load"
    private let driver: Driver

    /// - Returns: nil without `kubectl` and `python3`, or where the bench was not started in the checkout.
    static func installed() throws -> FakeKubernetes? {
        let script = FileManager.default.currentDirectoryPath + "/Tests/EndToEnd/Kubernetes/kube_load.py"
        guard FileManager.default.fileExists(atPath: script), ChildProcess.Launch.find("kubectl") != nil,
            let python = ChildProcess.Launch.find("python3")
        else { return nil }
        return FakeKubernetes(try Driver(python, ["-B", script]))
    }

    private init(_ driver: Driver) { self.driver = driver }

    func end() { driver.end() }

    /// Points the dashboard at it, with a kubeconfig of its own.
    func configure(_ place: Place) throws {
        let kubeconfig = place.folder + "/kubeconfig"
        try """
        apiVersion: v1
        kind: Config
        current-context: \(Self.context)
        clusters:
          - {name: \(Self.context), cluster: {server: "http://127.0.0.1:\(driver.port)"}}
        contexts:
          - {name: \(Self.context), context: {cluster: \(Self.context), user: \(Self.context)}}
        users:
          - {name: \(Self.context), user: {}}

        """.write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        try "kubernetes: {contexts: [\(Self.context)], kubeconfig: \(kubeconfig)}\n".write(
            toFile: place.folder + "/config/slipway/config.yaml", atomically: true, encoding: .utf8)
    }

    /// Replaces everything there is. Deployments that do not run are ready.
    ///
    /// - Parameter streams: whether a watch can begin with everything there is, as it can from Kubernetes 1.32 on; else it is listed in pages.
    func fill(_ count: Int, running: Int, streams: Bool = true) throws {
        try driver.tell(
            """
            {"command":"fill","count":\(count),"running":\(running),"minor":"\(streams ? 32 : 30)"}
            """)
    }

    /// Events a second about the deployments that run, spread over them, until `stop`.
    func sendEvents(rate: Double) throws { try driver.tell(#"{"command":"events","rate":\#(rate)}"#) }

    /// Changed conditions a second, one deployment after the other of those that run, until `stop`.
    func change(rate: Double) throws { try driver.tell(#"{"command":"changes","rate":\#(rate)}"#) }

    /// - Returns: how many events and changes there were.
    func stop() throws -> Int {
        struct Told: Decodable {
            var events: Int
            var changes: Int
        }
        let told = try JSONDecoder().decode(Told.self, from: driver.tell(#"{"command":"stop"}"#))
        return told.events + told.changes
    }
}
