import Glibc

/// Time for measuring: seconds of a clock that nobody sets.
enum Clock {
    static var now: Double {
        var value = timespec()
        clock_gettime(CLOCK_MONOTONIC, &value)
        return seconds(value)
    }

    /// Seconds of processor time that a process has used on all cores; nil when it has ended.
    static func processorTime(of process: pid_t) -> Double? {
        var clock = clockid_t()
        guard clock_getcpuclockid(process, &clock) == 0 else { return nil }
        var value = timespec()
        guard clock_gettime(clock, &value) == 0 else { return nil }
        return seconds(value)
    }

    static func sleep(_ seconds: Double) {
        guard seconds > 0 else { return }
        var wish = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
        var rest = timespec()
        while nanosleep(&wish, &rest) != 0, errno == EINTR { wish = rest }
    }

    private static func seconds(_ value: timespec) -> Double { Double(value.tv_sec) + Double(value.tv_nsec) / 1e9 }
}
