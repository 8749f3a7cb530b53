import Fleet
import Screen

/// How a status looks everywhere: a word, a mark of one column, a role. Colour is never the only carrier.
struct StatusMark {
    let mark: String
    let role: Role

    init(_ urgency: Urgency) {
        mark = urgency.mark
        role =
            switch urgency {
            case .failed: .statusFail
            case .overdue, .silent, .atRisk: .statusWarn
            case .running: .statusRun
            case .held: .statusHold
            case .unknown: .statusStale
            case .waiting: .statusWait
            case .done: .statusOk
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
