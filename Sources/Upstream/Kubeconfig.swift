import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a kubeconfig holds, as kubectl reads and merges it; secrets are left out by kubectl itself.
public struct Kubeconfig: Sendable, Equatable {
    public struct Context: Sendable, Equatable {
        public var name: String
        /// The namespace that is meant where none is named.
        public var namespace: String?
        /// The address of the API server.
        public var server: String?
    }

    public var contexts: [Context]
    public var current: String?

    /// kubectl looks at files only: it takes 50 ms on a quiet machine.
    private static let deadline: Double = 15

    /// The context that an access means.
    ///
    /// - Throws: `UpstreamProblem` that names those that there are.
    public func context(of access: KubectlProxy.Access) throws(UpstreamProblem) -> Context {
        if let found = contexts.first(where: { $0.name == access.context ?? current }) { return found }
        guard let name = access.context else {
            throw UpstreamProblem(
                .misconfigured, "The kubeconfig has no current context.",
                advice:
                    "Set KUBECONFIG, run `kubectl config use-context NAME`, or name contexts with `kubernetes` in the config."
            )
        }
        let names = contexts.map(\.name).sorted().prefix(8).joined(separator: ", ")
        throw UpstreamProblem(
            .misconfigured, "There is no kube context \(SafeText.line(name, limit: 80)).",
            advice: names.isEmpty
                ? "The kubeconfig holds none; set KUBECONFIG to the right file." : "There are: \(SafeText.line(names))."
        )
    }

    /// - Throws: `UpstreamProblem` when kubectl is missing or cannot read the kubeconfig.
    public static func read(
        _ access: KubectlProxy.Access, commands: any CommandDoor
    ) async throws(UpstreamProblem) -> Kubeconfig {
        let command = KubectlProxy.Access(kubeconfig: access.kubeconfig, program: access.program).command([
            "config", "view", "-o", "json",
        ])
        // kubectl takes a file that is not there for an empty one.
        if let file = access.kubeconfig, !FileManager.default.isReadableFile(atPath: file) {
            throw UpstreamProblem(
                .misconfigured, "The kubeconfig \(file) cannot be read.", advice: "Correct `kubeconfig` in the config.")
        }
        let result: CommandResult
        do throws(CommandProblem) {
            result = try await commands.run(command, deadline: deadline, limit: 4 << 20)
        } catch {
            throw problem(error, program: access.program)
        }
        guard result.status == 0, let wire = try? JSONDecoder().decode(Wire.self, from: result.output) else {
            throw UpstreamProblem(
                .misconfigured, "kubectl cannot read the kubeconfig: \(said(result.errors)).",
                advice: "Correct the file, or point KUBECONFIG at another one.")
        }
        return wire.kubeconfig
    }

    static func problem(_ problem: CommandProblem, program: String) -> UpstreamProblem {
        switch problem {
        case .missing:
            UpstreamProblem(
                .misconfigured, "\(program) does not exist or may not be run.",
                advice:
                    "Install kubectl (Debian: apt-get install kubernetes-client), or name it with `kubectl` in the config."
            )
        case .timedOut(let seconds):
            UpstreamProblem(
                .timedOut, "\(program) did not answer within \(Int(seconds)) s.",
                advice: "It is started again by itself.")
        case .tooLarge, .failed:
            UpstreamProblem(.cut, "\(program) ended unexpectedly.", advice: "It is started again by itself.")
        }
    }

    /// The last line that a program complained with, without its prefix.
    static func said(_ errors: String) -> String {
        let line = errors.split(whereSeparator: \.isNewline).last.map(String.init) ?? "it gives no reason"
        let bare = line.hasPrefix("error: ") ? String(line.dropFirst(7)) : line
        return SafeText.line(bare, limit: 200)
    }

    /// The file's own shape.
    private struct Wire: Decodable {
        struct Cluster: Decodable {
            struct Inner: Decodable { var server: String? }
            var name: String
            var cluster: Inner?
        }
        struct Named: Decodable {
            struct Inner: Decodable {
                var cluster: String?
                var namespace: String?
            }
            var name: String
            var context: Inner?
        }
        var clusters: [Cluster]?
        var contexts: [Named]?
        var current: String?

        enum CodingKeys: String, CodingKey {
            case clusters, contexts
            case current = "current-context"
        }

        var kubeconfig: Kubeconfig {
            let servers = Dictionary((clusters ?? []).map { ($0.name, $0.cluster?.server) }, uniquingKeysWith: { $1 })
            return Kubeconfig(
                contexts: (contexts ?? []).map { named in
                    Context(
                        name: named.name, namespace: named.context?.namespace,
                        server: named.context?.cluster.flatMap { servers[$0] ?? nil })
                }, current: current.flatMap { $0.isEmpty ? nil : $0 })
        }
    }
}
