#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Frames and their JSON. What is shown to people is read leniently: an entry that cannot be read costs only itself. What the order of the
/// stream rests on (numbers, positions) must be there.
extension StreamFrame {
    /// One name, the sort of frame, and what it holds: `{"ping":{"clock":"2026-11-21T19:07:27.000Z"}}`.
    public var value: JSONValue {
        switch self {
        case .hello(let hello): ["hello": hello.value]
        case .fleet(let part): ["fleet": part.value]
        case .change(let step): ["change": step.value]
        case .ping(let clock): ["ping": ["clock": .time(clock)]]
        case .pong(let clock, let own): ["pong": ["clock": .time(clock), "own": .time(own)]]
        case .request(let request): ["request": request.value]
        case .response(let response): ["response": response.value]
        case .bye(let sentence, let advice): ["bye": .words(sentence, advice)]
        case .unknown(let name): [name: [:]] as JSONValue
        }
    }

    /// - Throws: `malformed`.
    public init(_ value: JSONValue) throws(StreamFault) {
        guard let members = value.object, let name = members.keys.min() else { throw .malformed("it has no name") }
        // Beside its name a newer version may put what we do not know.
        let known = ["hello", "fleet", "change", "ping", "pong", "request", "response", "bye"].first {
            members[$0] != nil
        }
        guard let known, let body = members[known] else {
            self = .unknown(name)
            return
        }
        let fields = StreamFields(known, body)
        switch known {
        case "hello": self = .hello(try Hello(fields))
        case "fleet": self = .fleet(try Part(fields))
        case "change": self = .change(try Step(fields))
        case "ping": self = .ping(clock: try fields.time("clock"))
        case "pong": self = .pong(clock: try fields.time("clock"), own: try fields.time("own"))
        case "request": self = .request(try Request(fields))
        case "response": self = .response(try Response(fields))
        default: self = .bye(sentence: body["sentence"]?.text ?? "", advice: body["advice"]?.text ?? "")
        }
    }
}

/// What a frame holds, read with words for what is wrong.
private struct StreamFields {
    let frame: String
    let body: JSONValue

    init(_ frame: String, _ body: JSONValue) {
        self.frame = frame
        self.body = body
    }

    subscript(_ name: String) -> JSONValue? { body[name] }

    func text(_ name: String) throws(StreamFault) -> String {
        guard let text = body[name]?.text else { throw .malformed("\(frame) without \(name)") }
        return text
    }

    func whole(_ name: String) throws(StreamFault) -> Int {
        guard let whole = body[name]?.whole, whole >= 0 else { throw .malformed("\(frame) without \(name)") }
        return whole
    }

    func time(_ name: String) throws(StreamFault) -> Date {
        guard let date = body[name]?.text.flatMap({ WireTime.date($0) }) else {
            throw .malformed("\(frame) without \(name)")
        }
        return date
    }

    var gone: [ItemID] { (body["gone"]?.list ?? []).compactMap { $0.text.map(ItemID.init(text:)) } }
    var sources: [Source] { body["sources"]?.elements(of: Source.self) ?? [] }
    var events: [Event] { body["events"]?.elements(of: Event.self) ?? [] }
}

extension JSONValue {
    static func time(_ date: Date) -> JSONValue { .text(WireTime.text(date)) }

    fileprivate static func words(_ sentence: String, _ advice: String) -> JSONValue {
        ["sentence": .text(sentence), "advice": .text(advice)]
    }

    /// Values of ours; none of them has anything that could not be written.
    static func tree(_ value: some Encodable) -> JSONValue {
        (try? JSONValue(encoding: value)) ?? .null
    }

    /// Sets a list where there is something in it: most changes have only one of four.
    fileprivate mutating func set(_ name: String, _ values: [JSONValue]) {
        if !values.isEmpty { self[name] = .list(values) }
    }
}

extension StreamPosition {
    fileprivate var value: JSONValue { ["epoch": .text(epoch), "seq": .whole(seq)] }

    fileprivate init?(_ value: JSONValue?) {
        guard let epoch = value?["epoch"]?.text, let seq = value?["seq"]?.whole, seq >= 0 else { return nil }
        self.init(epoch: epoch, seq: seq)
    }
}

extension StreamFrame.Hello {
    fileprivate var value: JSONValue {
        var value: JSONValue = [
            "protocol": .text(version), "program": .text(program), "host": .text(host), "clock": .time(clock),
            "capabilities": .list(capabilities.map(\.rawValue).sorted().map(JSONValue.text)),
        ]
        if let position { value = value.merged(with: position.value) }
        if let resume { value["resume"] = resume.value }
        return value
    }

    fileprivate init(_ fields: StreamFields) throws(StreamFault) {
        self.init(
            version: try fields.text("protocol"), program: fields["program"]?.text ?? "",
            host: fields["host"]?.text ?? "", position: StreamPosition(fields.body), clock: try fields.time("clock"),
            capabilities: Set(
                (fields["capabilities"]?.list ?? []).compactMap { $0.text.map(StreamFrame.Capability.init(rawValue:)) }),
            resume: StreamPosition(fields["resume"]))
    }
}

extension StreamFrame.Part {
    fileprivate var value: JSONValue {
        var value = position.value
        value["at"] = .time(at)
        value["since"] = since.map(JSONValue.whole)
        value.set("items", items.map(\.value))
        value.set("gone", gone.map { .text($0.text) })
        value.set("sources", sources.map(JSONValue.tree))
        value.set("events", events.map(JSONValue.tree))
        value["total"] = total.map(JSONValue.whole)
        value["isLast"] = .bool(isLast)
        return value
    }

    fileprivate init(_ fields: StreamFields) throws(StreamFault) {
        guard let position = StreamPosition(fields.body) else { throw .malformed("fleet without epoch or seq") }
        self.init(
            position: position, at: try fields.time("at"), since: fields["since"]?.whole,
            items: (fields["items"]?.list ?? []).compactMap { StreamItem($0) }, gone: fields.gone,
            sources: fields.sources, events: fields.events, total: fields["total"]?.whole.map { max(0, $0) },
            isLast: fields["isLast"]?.bool ?? true)
    }
}

extension StreamFrame.Step {
    fileprivate var value: JSONValue {
        var value: JSONValue = ["seq": .whole(seq), "at": .time(at)]
        value.set("items", items.map(\.value))
        value.set("gone", gone.map { .text($0.text) })
        value.set("sources", sources.map(JSONValue.tree))
        // As seconds before `at`, to the millisecond: an instant would be three times as long.
        if !heard.isEmpty {
            let ages = heard.map { ($0.text, JSONValue(number: (at.timeIntervalSince($1) * 1000).rounded() / 1000)) }
            value["heard"] = .object(Dictionary(ages) { $1 })
        }
        value.set("events", events.map(JSONValue.tree))
        return value
    }

    fileprivate init(_ fields: StreamFields) throws(StreamFault) {
        let at = try fields.time("at")
        var heard: [SourceID: Date] = [:]
        for (source, age) in fields["heard"]?.object ?? [:] {
            // Seconds of a year and more are no age of an answer, and far ones no date.
            guard let age = try? age.decoded(as: Double.self), abs(age) < 4e7 else { continue }
            heard[SourceID(source)] = at.addingTimeInterval(-age)
        }
        var items: [ItemChange] = []
        for entry in fields["items"]?.list ?? [] { items.append(try ItemChange(entry)) }
        self.init(
            seq: try fields.whole("seq"), at: at, items: items, gone: fields.gone, sources: fields.sources,
            heard: heard, events: fields.events)
    }
}

extension ItemChange {
    var value: JSONValue {
        switch self {
        case .whole(let item): ["item": item.value]
        case .patch(let id, let patch): ["id": .text(id.text), "patch": patch.value]
        }
    }

    /// Not leniently: a change that is passed over would leave an old value in its place.
    fileprivate init(_ value: JSONValue) throws(StreamFault) {
        if let item = value["item"].flatMap({ StreamItem($0) }) {
            self = .whole(item)
        } else if let id = value["id"]?.text, let patch = value["patch"].flatMap({ ItemPatch($0) }) {
            self = .patch(ItemID(text: id), patch)
        } else {
            throw .malformed("change of an item without item, id or patch")
        }
    }
}

extension StreamFrame.Request {
    fileprivate var value: JSONValue {
        var value: JSONValue = ["number": .whole(number)]
        switch wish {
        case .refresh(let source): value["refresh"] = source.map { ["source": .text($0.text)] } ?? [:]
        case .runs(let item, let limit): value["runs"] = ["item": .text(item.text), "limit": .whole(limit)]
        case .action(let action): value["action"] = .tree(action)
        case .fleet(let since): value["fleet"] = since?.value ?? [:]
        case .unknown(let name): value[name] = [:]
        }
        return value
    }

    fileprivate init(_ fields: StreamFields) throws(StreamFault) {
        number = try fields.whole("number")
        if let refresh = fields["refresh"] {
            wish = .refresh(refresh["source"]?.text.map(SourceID.init))
        } else if let runs = fields["runs"] {
            guard let item = runs["item"]?.text else { throw .malformed("request for runs without item") }
            wish = .runs(ItemID(text: item), limit: min(1000, max(1, runs["limit"]?.whole ?? 20)))
        } else if let action = fields["action"] {
            // A verb of a newer version is refused, not guessed at.
            wish = (try? action.decoded(as: Action.self)).map(Wish.action) ?? .unknown("action")
        } else if let fleet = fields["fleet"] {
            wish = .fleet(since: StreamPosition(fleet))
        } else {
            wish = .unknown(fields.body.object?.keys.filter { $0 != "number" }.min() ?? "")
        }
    }
}

extension StreamFrame.Response {
    fileprivate var value: JSONValue {
        var value: JSONValue = ["number": .whole(number)]
        switch answer {
        case .done: value["done"] = true
        case .runs(let runs):
            // The newest come first; what has no room in a line is left out.
            var room = StreamLines.room
            value["runs"] = .list(
                runs.lazy.map(JSONValue.tree).prefix {
                    room -= JSONWriter.size($0)
                    return room > 0
                })
        case .outcome(let outcome): value["outcome"] = .tree(outcome)
        case .refused(let sentence, let advice): value["refused"] = .words(sentence, advice)
        case .unknown(let name): value[name] = [:]
        }
        return value
    }

    fileprivate init(_ fields: StreamFields) throws(StreamFault) {
        number = try fields.whole("number")
        if let runs = fields["runs"] {
            answer = .runs(runs.elements(of: Run.self))
        } else if let outcome = fields["outcome"] {
            answer = (try? outcome.decoded(as: Action.Outcome.self)).map(Answer.outcome) ?? .unknown("outcome")
        } else if let refused = fields["refused"] {
            answer = .refused(sentence: refused["sentence"]?.text ?? "", advice: refused["advice"]?.text ?? "")
        } else if fields["done"] != nil {
            answer = .done
        } else {
            answer = .unknown(fields.body.object?.keys.filter { $0 != "number" }.min() ?? "")
        }
    }
}
