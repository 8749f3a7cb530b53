import Fleet

extension TimeSource {
    /// The machine's clock, on which a deadline is ten times as long: among hundreds of tests a program that answers at once may be heard
    /// late. Short waits, such as those between two looks, stay as they are.
    public static let patient = TimeSource(
        now: TimeSource.system.now, uptime: TimeSource.system.uptime,
        sleep: { seconds in try await TimeSource.system.sleep(seconds < 5 ? seconds : 10 * seconds) })
}
