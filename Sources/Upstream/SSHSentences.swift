import Fleet

/// What `ssh` says when it fails, as a person reads it. The words are those of OpenSSH's `ssh`.
extension SSHLine {
    /// - Parameters:
    ///   - said: lines of its error output.
    ///   - status: 255 is ssh's own; every other one is that of the command there.
    public func problem(said: [String], status: Int = 255) -> UpstreamProblem {
        let lines = said.filter { !$0.allSatisfy(\.isWhitespace) }
        let last = SafeText.line(lines.last ?? "it said nothing", limit: 200)
        let text = last.hasSuffix(".") ? last : last + "."
        let all = lines.joined(separator: "\n").lowercased()
        func has(_ words: String...) -> Bool { words.contains { all.contains($0) } }
        let command = "ssh \(ShellText.word(host))"
        let host = SafeText.line(self.host, limit: 80)
        if status > 0, status != 255 {
            return UpstreamProblem(
                .unreadable, "\(host) lets us in, but runs no command: \(text)",
                advice: "Check the login shell of its user, and what its authorized_keys allows this key.")
        }
        if has("exec: ssh: not found", "ssh: command not found") { return Self.missing }
        if let key = lines.first(where: { $0.hasPrefix("Load key ") && $0.hasSuffix(": bad permissions") }) {
            return UpstreamProblem(
                .untrusted, "\(host) does not let us in: \(SafeText.line(key, limit: 200))",
                advice: "Others may read this key, so ssh leaves it out: `chmod 600` it.")
        }
        if has("permission denied", "too many authentication failures") {
            return UpstreamProblem(
                .untrusted, "\(host) does not let us in: \(text)",
                advice: "Try `\(command) -o BatchMode=yes true`; a key must be enough, without a password.")
        }
        if has("remote host identification has changed", "revoked host key") { return changed(lines, host: host) }
        if has("host key verification failed", "no matching host key") {
            return UpstreamProblem(
                .untrusted, "The host key of \(host) is not in known_hosts yet.",
                advice: "Connect once by hand with `\(command)` and compare the key.")
        }
        if has("could not resolve", "name or service not known") {
            return UpstreamProblem(
                .unreachable, "There is no host \(host).",
                advice: "Check the name; it is looked for in ~/.ssh/config, too.")
        }
        return UpstreamProblem(
            .unreachable, "\(host) cannot be reached: \(text)",
            advice: "Check that it runs and that `\(command)` gets there.")
    }

    /// There is no `ssh` here.
    public static let missing = UpstreamProblem(
        .misconfigured, "There is no program ssh on this machine.", advice: "Install openssh-client.")

    /// Somebody else may answer in its place, so that nothing is done about it without a person.
    private func changed(_ lines: [String], host: String) -> UpstreamProblem {
        // `Offending ED25519 key in /home/me/.ssh/known_hosts:3`
        let place = lines.first { $0.hasPrefix("Offending ") }.flatMap { $0.split(separator: " ").last }
        // `ssh-keygen -f "/home/me/.ssh/known_hosts" -R "far"`, behind `remove with:`.
        let remedy = lines.map { $0.drop { $0 == " " } }.first { $0.hasPrefix("ssh-keygen ") }
        let file = SafeText.line(place.map(String.init) ?? "known_hosts", limit: 200)
        return UpstreamProblem(
            .untrusted, "\(host) shows another host key than the one in \(file).",
            advice: "Ask who runs it whether it was made anew; then "
                + (remedy.map { "`\(SafeText.line(String($0), limit: 300))`." } ?? "remove that line."))
    }
}
