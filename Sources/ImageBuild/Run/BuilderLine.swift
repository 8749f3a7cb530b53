import Fleet
import Upstream

/// How a builder is talked with: scripts and their words go through the input of a shell there, quoted for it (`BuildShell.text`).
extension SSHLine {
    /// A shell there that reads its script from its input.
    var shell: Command { Command("ssh", arguments() + ["sh", "-s"]) }

    /// Does nothing: tells whether it can be reached, and what ssh says if not.
    var greeting: Command { Command("ssh", arguments() + ["true"]) }

    /// Why a builder does not answer: a conversation does not carry what ssh says, so it is asked once more.
    func reason(_ commands: any CommandDoor) async -> UpstreamProblem {
        let result = try? await commands.run(greeting, deadline: Double(2 * Self.connectTimeout), limit: 1 << 16)
        guard let result else { return problem(said: []) }
        if result.status == 0 {
            return UpstreamProblem(
                .cut, "The connection to \(SafeText.line(host, limit: 80)) was lost.",
                advice: "It is connected again by itself.")
        }
        // What a login shell says in the place of the command is output, not an error.
        let said = result.errors.isEmpty ? String(decoding: result.output, as: UTF8.self) : result.errors
        return problem(said: said.split(whereSeparator: \.isNewline).map(String.init), status: result.status)
    }
}
