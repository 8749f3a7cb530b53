import Fleet
import Screen

/// How a status looks everywhere: a word, a mark of one column, a role. Colour is never the only carrier.
struct StatusMark {
    let mark: String
    let role: Role

    init(_ urgency: Urgency) {
        switch urgency {
        case .failed: (mark, role) = ("!", .statusFail)
        case .overdue: (mark, role) = ("!", .statusWarn)
        case .silent: (mark, role) = ("?", .statusWarn)
        case .atRisk: (mark, role) = (">", .statusWarn)
        case .running: (mark, role) = (">", .statusRun)
        case .held: (mark, role) = ("=", .statusHold)
        case .unknown: (mark, role) = ("?", .statusStale)
        case .waiting: (mark, role) = (".", .statusWait)
        case .done: (mark, role) = ("+", .statusOk)
        }
    }
}

extension Phase.State {
    var mark: (text: String, role: Role) {
        switch self {
        case .waiting: (".", .statusWait)
        case .running: (">", .statusRun)
        case .done: ("+", .statusOk)
        case .failed: ("!", .statusFail)
        case .skipped: ("-", .muted)
        }
    }
}

extension Source.State {
    var role: Role {
        switch self {
        case .live: .statusOk
        case .late: .statusWarn
        case .unreachable: .statusFail
        case .stopped: .statusStale
        }
    }
}

extension Event.Level {
    var role: Role {
        switch self {
        case .info: .text
        case .good: .statusOk
        case .warning: .statusWarn
        case .bad: .statusFail
        }
    }

    var mark: String {
        switch self {
        case .info: " "
        case .good: "+"
        case .warning: "?"
        case .bad: "!"
        }
    }
}
