import Foundation

@testable import Fleet

/// The same numbers for the same seed (SplitMix64), so that a test that fails does so again.
struct StreamRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    mutating func one(of words: String) -> String {
        let words = words.split(separator: " ")
        return String(words[below(words.count)])
    }

    /// Milliseconds only: finer ones are not told.
    mutating func date() -> Date { Date(timeIntervalSince1970: 1_795_212_000 + Double(below(86_400_000)) / 1000) }

    mutating func tree(depth: Int = 3) -> JSONValue {
        switch below(depth > 0 ? 8 : 5) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return .whole(below(2000) - 1000)
        case 3: return JSONValue(number: Double(below(1000)) / 8)
        case 4: return .text(one(of: "a b/c d~e ~1 \" \\ ü 日本 - 0 x\ty"))
        case 5, 6: return .list((0..<below(7)).map { _ in tree(depth: depth - 1) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<below(6) { members[one(of: "a b/c d~e ~1 0 - ü")] = tree(depth: depth - 1) }
            return .object(members)
        }
    }

    /// The value after a few of the things that happen to values.
    mutating func changed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .list(var elements):
            switch below(5) {
            case 0: elements = Array(elements.dropFirst(below(3))) + (0..<below(3)).map { _ in tree(depth: 1) }
            case 1: elements = (0..<below(3)).map { _ in tree(depth: 1) } + elements.dropLast(below(3))
            case 2 where !elements.isEmpty: elements.remove(at: below(elements.count))
            case 3: elements.insert(tree(depth: 1), at: below(elements.count + 1))
            default: elements = elements.map { below(3) == 0 ? changed($0) : $0 }
            }
            return .list(elements)
        case .object(var members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) where below(3) == 0 {
                members[name] = below(4) == 0 ? nil : changed(member)
            }
            if below(3) == 0 { members[one(of: "a new b/c")] = tree(depth: 1) }
            return .object(members)
        default: return below(2) == 0 ? value : tree(depth: 2)
        }
    }

    /// An item of any kind with something in most of its fields.
    mutating func item(_ number: Int, source: String = "lab") -> Item {
        let kind = Kind.allCases[number % Kind.allCases.count]
        let phases = (0..<below(7)).map { index in
            Phase(
                name: "phase-\(index)", state: below(2) == 0 ? .done : .waiting,
                startedAt: below(2) == 0 ? date() : nil,
                usual: below(2) == 0 ? Double(below(4000)) / 7 : nil, usualCount: below(2) == 0 ? below(20) : nil)
        }
        return Item(
            id: ItemID(kind: kind, source: SourceID(source), key: "\(number)"), kind: kind, name: "n\(number)",
            source: SourceID(source), state: Item.State.allCases[below(6)], word: one(of: "Up Busy Broken"),
            startedAt: below(2) == 0 ? date() : nil, endedAt: below(3) == 0 ? date() : nil,
            progress: Progress(percent: below(101), done: below(9), total: 9, unit: "phases"), phases: phases,
            estimate: below(2) == 0
                ? Estimate(p10: 1.5, p50: Double(below(999)) / 3, p90: 400, n: 7, basis: .history) : nil,
            evidence: Evidence(at: date(), from: "status API", patience: 600),
            diagnosis: below(3) == 0 ? Diagnosis(cause: "disk full", signs: ["a", "b"]) : nil,
            advice: (0..<below(3)).map { "look at \($0)" }, profile: below(2) == 0 ? "small" : nil, detail: detail(kind)
        )
    }

    private mutating func lines() -> [String] {
        let first = below(50)
        return (first..<first + below(20)).map { "line \($0) of the log" }
    }

    private mutating func detail(_ kind: Kind) -> Detail {
        switch kind {
        case .metal:
            let reports = lines().map { MetalDetail.Report(phase: "install", status: "ok", message: $0, at: date()) }
            return .metal(MetalDetail(node: below(99), message: "hello", reports: reports))
        case .cluster:
            let log = ClusterDetail.LogTail(name: "chef-client", stream: "s", lastAt: date(), lines: lines())
            return .cluster(ClusterDetail(region: "eu-west-1", stackStatus: "CREATE_IN_PROGRESS", logs: [log]))
        case .deployment:
            let events = lines().map {
                DeploymentDetail.KubeEvent(at: date(), type: "Normal", reason: "Up", object: "Machine m", message: $0)
            }
            return .deployment(DeploymentDetail(context: "c", namespace: "n", template: "t", events: events))
        case .pool:
            let past = [PoolDetail.Span(status: "available", from: date())]
            return .pool(PoolDetail(context: "c", namespace: "n", status: one(of: "available locked"), past: past))
        case .image: return below(4) == 0 ? .none : .image(ImageDetail(origin: .slipway, tail: lines()))
        }
    }
}
