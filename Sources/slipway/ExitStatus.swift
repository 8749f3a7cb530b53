/// How a command ends, for scripts. README's table is made from this register.
enum ExitStatus: Int32, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    case overdue = 3
    case unreachable = 4

    var meaning: String {
        switch self {
        case .done: "done; for `watch`: the run ended well"
        case .failed: "the run that was watched failed, or a check found something"
        case .usage: "wrong arguments, a wrong config, or nothing by that name"
        case .overdue: "the run took longer than its limit"
        case .unreachable: "no source answered"
        }
    }
}
