/// What texts of another host become before anything is made of them. Whoever signs in is trusted with the fleet, but what its items quote
/// comes from the world, and an older or broken program there may not have made it harmless.
public enum StreamGuard {
    /// The longest text in Unicode scalars. Commands in advice are the longest of ours and have some hundred.
    public static let textLimit = 4000

    /// One line without anything that could move a cursor or colour a terminal. Doing it twice changes nothing more.
    public static func text(_ text: String) -> String { SafeText.line(text, limit: textLimit) }
}
