import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The way into a machine of a cluster: `virtctl ssh`, which needs no network between us and the machine but the API server's.
public struct PoolGuest: Sendable {
    public struct Access: Sendable, Equatable {
        /// A path, or a name that is looked for in `PATH`.
        public var program: String
        public var context: String
        /// Nil where virtctl itself looks.
        public var kubeconfig: String?
        public var user: String
        /// A private key; nil leaves it to ssh and its agent.
        public var key: String?

        public init(
            program: String = "virtctl", context: String, kubeconfig: String? = nil, user: String = "ubuntu",
            key: String? = nil
        ) {
            self.program = program
            self.context = context
            self.kubeconfig = kubeconfig
            self.user = user
            self.key = key
        }
    }

    /// Where the control plane's first boot leaves it; the existing backend's templates do (wire-formats 9.4, step 9).
    static let joinFile = "/etc/kubeadm-join-command"
    private static let deadline: Double = 40

    private let access: Access
    private let commands: any CommandDoor

    public init(_ access: Access, commands: any CommandDoor) {
        self.access = access
        self.commands = commands
    }

    /// The command with which a worker joins the cluster of this control plane. It holds a token: it goes into the worker's secret and
    /// nowhere else.
    func joinCommand(machine: String, namespace: String) async throws(UpstreamProblem) -> String {
        let told = try await ask("cat \(Self.joinFile)", machine, namespace).output
        guard let command = Self.command(in: told) else {
            throw UpstreamProblem(
                .unreadable, "\(Self.joinFile) of \(machine) holds no kubeadm join command yet.",
                advice: "Look at the machine's first boot: `cloud-init status --long` there says why.")
        }
        return command
    }

    /// Returns when the machine's first boot is over and went well. A golden snapshot that is taken before keeps a machine that is half
    /// made, and every reset would bring it back.
    ///
    /// - Throws: `PoolRefusal` when it went wrong.
    func checkFirstBoot(machine: String, namespace: String) async throws {
        let (output, status) = try await ask("cloud-init status", machine, namespace, mayFail: true)
        let words = output.split(whereSeparator: { !$0.isLetter }).map(String.init)
        // 2 says that it is over with complaints that do not matter.
        if words.contains("done") || words.contains("disabled") { return }
        if words.contains("error") || words.contains("degraded") && status == 1 {
            throw PoolRefusal(
                .conflict, "the first boot of \(machine) failed; `cloud-init status --long` there says why", advice: "")
        }
        throw UpstreamProblem(.unreadable, "the first boot of \(machine) is not over", advice: "")
    }

    private func ask(
        _ words: String, _ machine: String, _ namespace: String, mayFail: Bool = false
    ) async throws(UpstreamProblem) -> (output: String, status: Int) {
        let result: CommandResult
        do throws(CommandProblem) {
            result = try await commands.run(
                command(words, machine, namespace), deadline: Self.deadline, limit: 16 << 10)
        } catch {
            throw problem(error, machine)
        }
        let output = String(decoding: result.output, as: UTF8.self)
        guard result.status == 0 || mayFail && !output.isEmpty else {
            let text = SafeText.line(result.errors.split(separator: "\n").last.map(String.init) ?? "", limit: 160)
            throw UpstreamProblem(
                .unreachable,
                "virtctl ssh to \(machine) failed" + (text.isEmpty ? " with status \(result.status)." : ": \(text)"),
                advice:
                    "Check `ssh-user` and `ssh-key` of the pool in the config, and whether the machine's first boot has ended."
            )
        }
        return (output, result.status)
    }

    /// One line that begins with `kubeadm join` and holds nothing that a shell would take for more.
    static func command(in output: String) -> String? {
        for line in output.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count > 2, words[0] == "kubeadm", words[1] == "join", line.utf8.count < 1000 else { continue }
            let isPlain = line.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || " -._:/=[],@+".utf8.contains(byte)
            }
            if isPlain { return words.joined(separator: " ") }
        }
        return nil
    }

    private func command(_ words: String, _ machine: String, _ namespace: String) -> Command {
        var arguments = ["ssh", "\(access.user)@vm/\(machine)", "--namespace", namespace, "--context", access.context]
        if let kubeconfig = access.kubeconfig { arguments += ["--kubeconfig", kubeconfig] }
        if let key = access.key { arguments += ["--identity-file", key] }
        // Machines are made anew under the same names: their host keys are new each time.
        for option in [
            "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes", "ConnectTimeout=10",
        ] {
            arguments += ["--local-ssh-opts", "-o\(option)"]
        }
        return Command(access.program, arguments + ["--command", words])
    }

    private func problem(_ problem: CommandProblem, _ machine: String) -> UpstreamProblem {
        switch problem {
        case .missing:
            UpstreamProblem(
                .misconfigured, "\(access.program) is not there, which a bootstrap needs to read the join command.",
                advice:
                    "Install virtctl of your KubeVirt's version, or name it with `virtctl` of the pool in the config.")
        case .timedOut(let seconds):
            UpstreamProblem(
                .timedOut, "virtctl ssh to \(machine) did not end within \(DurationText.short(seconds)).",
                advice: "Check whether the machine's ssh answers.")
        case .tooLarge, .failed:
            UpstreamProblem(
                .unreadable, "virtctl ssh to \(machine) could not be read.", advice: "Run it once by hand.")
        }
    }
}
