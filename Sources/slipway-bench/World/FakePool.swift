import Foundation

/// A pool of practice clusters behind the real `kubectl`.
final class FakePool {
    static let context = "training"
    private let driver: Driver

    /// - Returns: nil without `kubectl` and `python3`, or where the bench was not started in the checkout.
    static func installed() throws -> FakePool? {
        let script = FileManager.default.currentDirectoryPath + "/Tests/EndToEnd/Kubernetes/pool_load.py"
        guard FileManager.default.fileExists(atPath: script), ChildProcess.Launch.find("kubectl") != nil,
            let python = ChildProcess.Launch.find("python3")
        else { return nil }
        return FakePool(try Driver(python, ["-B", script]))
    }

    private init(_ driver: Driver) { self.driver = driver }

    func end() { driver.end() }

    /// Points the dashboard and the manager at it, with a kubeconfig of its own.
    func configure(_ place: Place) throws {
        let kubeconfig = place.folder + "/kubeconfig"
        let context = Self.context
        try """
        apiVersion: v1
        kind: Config
        current-context: \(context)
        clusters:
          - {name: \(context), cluster: {server: "http://127.0.0.1:\(driver.port)"}}
        contexts:
          - {name: \(context), context: {cluster: \(context), user: \(context)}}
        users:
          - {name: \(context), user: {}}

        """.write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        try "pool: {contexts: [\(context)], kubeconfig: \(kubeconfig)}\n".write(
            toFile: place.folder + "/config/slipway/config.yaml", atomically: true, encoding: .utf8)
    }

    /// Free clusters in place of all there was.
    func fill(_ count: Int) throws { try driver.tell(#"{"command":"fill","count":\#(count)}"#) }

    /// Changes a second, until `stop`.
    func change(rate: Double) throws { try driver.tell(#"{"command":"changes","rate":\#(rate)}"#) }

    func stop() throws { try driver.tell(#"{"command":"stop"}"#) }
}
