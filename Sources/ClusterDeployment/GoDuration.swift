/// A length of time as Go prints it, which the clients of the k0rdent MCP server know: `5m0s`, `45s`, `1h0m0s`.
enum GoDuration {
    static func text(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e9)).rounded())
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        if hours > 0 { return "\(hours)h\(minutes)m\(whole % 60)s" }
        return minutes > 0 ? "\(minutes)m\(whole % 60)s" : "\(whole)s"
    }
}
