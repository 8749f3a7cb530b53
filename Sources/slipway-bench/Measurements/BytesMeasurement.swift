/// What is written to the terminal for one key, for another pane, and for everything anew, while nothing else moves.
struct BytesMeasurement {
    private static let key = Budget("bytes per key, in sight, median", .bytes, most: 600)
    private static let worstKey = Budget("bytes per key, in sight, worst", .bytes)
    private static let scroll = Budget("bytes per key, scrolling, median", .bytes)
    private static let pane = Budget("bytes per pane switch", .bytes, most: 14_000)
    private static let repaint = Budget("bytes per full repaint", .bytes)

    func findings(_ subject: Subject, in pty: Pty, isLong: Bool) -> [Finding] {
        pty.settle()
        let reach = max(1, subject.reach)
        let moves = Array(repeating: subject.down, count: reach) + Array(repeating: subject.up, count: reach)
        let keys = Samples(moves.map { bytes(after: $0, in: pty) })
        var findings = [Finding(Self.key, keys.median), Finding(Self.worstKey, keys.most)]
        if isLong {
            // Below the last row in sight every key scrolls.
            for _ in 0..<Int(Subject.rows) { pty.write(subject.down) }
            pty.settle()
            let scrolled = Samples((0..<20).map { _ in bytes(after: subject.down, in: pty) })
            findings.append(Finding(Self.scroll, scrolled.median))
        }
        if !subject.panes.isEmpty {
            let switched = (subject.panes + subject.panes).map { bytes(after: $0, in: pty) }
            findings.append(Finding(Self.pane, Samples(switched).most))
        }
        if let redraw = subject.redraw { findings.append(Finding(Self.repaint, bytes(after: redraw, in: pty))) }
        return findings
    }

    private func bytes(after keys: String, in pty: Pty) -> Double {
        pty.write(keys)
        return Double(pty.settle(quiet: 0.12, atMost: 2).count)
    }
}
