import BareMetal
import Dashboard
import Foundation
import Upstream
import Yams

/// Reads a config, and says of everything that is wrong in which line it is and what is expected there.
struct ConfigReader {
    private let file: String
    private var problems: [Config.Problem] = []

    /// - Returns: nil if there is no such file.
    static func read(path: String) throws(ConfigProblems) -> Config? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let name = Paths.short(path)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigProblems([.init(file: name, line: 1, text: "the file cannot be read; check its permissions")])
        }
        return try parse(String(decoding: data, as: UTF8.self), file: name)
    }

    static func parse(_ text: String, file: String) throws(ConfigProblems) -> Config {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw ConfigProblems([Self.problem(error, file: file)])
        }
        var reader = ConfigReader(file: file)
        let config = node.map { reader.config($0) } ?? Config()
        guard reader.problems.isEmpty else { throw ConfigProblems(reader.problems) }
        return config
    }

    private init(file: String) { self.file = file }

    private static func problem(_ error: any Error, file: String) -> Config.Problem {
        if case YamlError.parser(_, let problem, let mark, _) = error {
            return .init(file: file, line: mark.line, text: "not YAML: \(problem)")
        }
        if case YamlError.scanner(_, let problem, let mark, _) = error {
            return .init(file: file, line: mark.line, text: "not YAML: \(problem)")
        }
        return .init(file: file, line: 1, text: "not YAML: \(error)")
    }

    mutating func complain(_ node: Node, _ text: String) {
        problems.append(.init(file: file, line: node.mark?.line ?? 1, text: text))
    }

    private mutating func config(_ node: Node) -> Config {
        var config = Config()
        // A file of comments only is a null document.
        if node.scalar?.string.isEmpty == true || node.null != nil { return config }
        for (name, value) in entries(node, of: "the config") {
            switch name {
            case "metal": config.metal = metals(value)
            case "pcluster": config.pcluster = pclusters(value)
            case "kubernetes": config.kubernetes = kubernetes(value)
            case "pool": config.pool = pools(value)
            case "images": config.images = images(value)
            case "theme": config.theme = text(value, "theme", "the name of a theme") ?? config.theme
            case "glyphs": config.glyphs = choice(value, "glyphs") ?? config.glyphs
            case "color": config.color = choice(value, "color") ?? config.color
            case "keys": config.keys = keys(value)
            case "allow-writes":
                if let flag = value.bool {
                    config.allowWrites = flag
                } else {
                    complain(value, "allow-writes: expected true or false")
                }
            default:
                complain(value, "\(name): there is no such key; there are \(Self.topKeys.joined(separator: ", "))")
            }
        }
        return config
    }

    private static var topKeys: [String] { ConfigKey.all.map(\.name).filter { !$0.contains(".") } }

    // MARK: metal

    private mutating func metals(_ node: Node) -> [Config.Metal] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        let entries = nodes.compactMap { metal($0) }
        for (index, entry) in entries.enumerated()
        where entries.prefix(index).contains(where: { $0.name == entry.name }) {
            complain(node, "metal: two entries are called \(entry.name); give each a name of its own")
        }
        return entries
    }

    private mutating func metal(_ node: Node) -> Config.Metal? {
        if let url = node.scalar?.string {
            return self.url(url, node).map { Config.Metal(name: Self.name(of: $0), url: $0) }
        }
        var found = Config.Metal(name: "", url: "")
        for (name, value) in entries(node, of: "metal") {
            switch name {
            case "url":
                found.url = text(value, "metal.url", "http://HOST:PORT").flatMap { url($0, value) } ?? ""
                if found.url.isEmpty { return nil }
            case "name": found.name = text(value, "metal.name", "a short name") ?? ""
            case "ca": found.ca = text(value, "metal.ca", "the path of a PEM file")
            case "token": found.token = token(value)
            case "limits": found.limits = limits(value)
            case "timezone":
                guard let zone = text(value, "metal.timezone", "a time zone").map(TimeZone.init(identifier:)) else {
                    break
                }
                if let zone {
                    found.zone = zone
                } else {
                    complain(value, "metal.timezone: expected a name such as Europe/Berlin or UTC")
                }
            default: complain(value, "metal.\(name): there is no such key")
            }
        }
        guard !found.url.isEmpty else {
            complain(node, "metal: expected an address such as http://127.0.0.1:8080, or an entry with url:")
            return nil
        }
        if found.name.isEmpty { found.name = Self.name(of: found.url) }
        return found
    }

    private mutating func url(_ text: String, _ node: Node) -> String? {
        guard HTTPClientDoor.isUsable(text) else {
            complain(
                node,
                "metal: \(HTTPClientDoor.withoutUser(text)) is not an address; expected http://HOST:PORT or https://HOST"
            )
            return nil
        }
        return text
    }

    private static func name(of url: String) -> String {
        let parsed = URL(string: url)
        guard let host = parsed?.host else { return url }
        return parsed?.port.map { "\(host):\($0)" } ?? host
    }

    private mutating func token(_ node: Node) -> BearerToken? {
        var found: BearerToken?
        for (name, value) in entries(node, of: "metal.token") {
            switch (name, value.scalar?.string) {
            case ("file", let path?): found = .file(path)
            case ("env", let variable?): found = .environment(variable)
            default: complain(value, "metal.token: expected {file: PATH} or {env: NAME}")
            }
        }
        // A token written into the config itself would end up in backups and screenshots.
        if found == nil { complain(node, "metal.token: expected {file: PATH} or {env: NAME}") }
        return found
    }

    private mutating func limits(_ node: Node) -> [String: Double] {
        var limits: [String: Double] = [:]
        let phases = PhasePlan.defaultSteps.map(\.name)
        for (name, value) in entries(node, of: "metal.limits") {
            guard phases.contains(name) else {
                complain(
                    value, "metal.limits.\(name): there is no such phase; there are \(phases.joined(separator: ", "))")
                continue
            }
            if let seconds = value.scalar.flatMap({ Double($0.string) }), seconds > 0 {
                limits[name] = seconds
            } else {
                complain(value, "metal.limits.\(name): expected seconds above 0")
            }
        }
        return limits
    }

    // MARK: the rest

    private mutating func keys(_ node: Node) -> [String: [String]] {
        var keys: [String: [String]] = [:]
        for (name, value) in entries(node, of: "keys") {
            keys[name] =
                value.sequence.map { $0.compactMap(\.scalar?.string) } ?? value.scalar.map { [$0.string] } ?? []
        }
        if case .failure(let wrong) = Keymap.remapped(keys) {
            for sentence in wrong.sentences { complain(node, sentence) }
        }
        return keys
    }

    private mutating func choice<Choice: RawRepresentable & CaseIterable>(_ node: Node, _ name: String) -> Choice?
    where Choice.RawValue == String {
        if let choice = node.scalar.flatMap({ Choice(rawValue: $0.string) }) { return choice }
        complain(node, "\(name): expected \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    mutating func text(_ node: Node, _ name: String, _ expected: String) -> String? {
        if let text = node.scalar?.string, !text.isEmpty { return text }
        complain(node, "\(name): expected \(expected)")
        return nil
    }

    mutating func entries(_ node: Node, of name: String) -> [(String, Node)] {
        guard let mapping = node.mapping else {
            complain(node, "\(name): expected lines of `key: value`")
            return []
        }
        return mapping.compactMap { key, value in key.scalar.map { ($0.string, value) } }
    }
}

/// All that is wrong with a config, at once.
struct ConfigProblems: Error, Equatable, CustomStringConvertible {
    let problems: [Config.Problem]

    init(_ problems: [Config.Problem]) { self.problems = problems.sorted { $0.line < $1.line } }

    var description: String { problems.map(\.description).joined(separator: "\n") }
}
