import Yams

/// A template as a tree of YAML nodes, and what is wrong with it as YAML.
struct TemplateDocument {
    /// nil if there is none, or none that can be read.
    private(set) var root: Node?
    private(set) var problems: [TemplateProblem] = []
    /// Every node with an anchor, in the order of the file: an alias means the last one before it.
    private var anchors: [String: [Node]] = [:]

    init(_ source: TemplateSource) {
        var source = source
        // A doubled key keeps the parser from giving anything, so it is hidden and the rest is read all the same.
        for number in 0..<max(1, min(24, 2_000_000 / max(1, source.scalars.count))) {
            do {
                // The encoding is named, or Yams would look for it in the environment and print.
                let parser = try Parser(yaml: source.text, resolver: .basic, encoding: .utf8)
                root = try parser.nextRoot()
                if let root, source.hasAliases { collectAnchors(root) }
                checkEnd(parser, source)
                return
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let key = keys.first ?? ""
                let first = (line: context.mark.line, column: context.mark.column)
                let second = DoubledKey.second(key, after: first, in: source)
                let place = second.map { source.place(of: $0.lowerBound) } ?? first
                problems.append(
                    TemplateProblem(
                        line: place.line, column: place.column, path: "",
                        text: "the key `\(TemplateSource.restored(key))` is set twice"
                            + (second == nil ? "" : "; first in line \(first.line)"),
                        fix: "keep one of the two"))
                guard let second else { return }
                source.hideKey(at: second, number: UInt32(number))
            } catch {
                problems += Self.problems(error, in: source)
                return
            }
        }
    }

    /// The node that an alias stands for, as seen from its place; nil if there is none.
    func anchored(_ name: String, before mark: Mark?) -> Node? {
        anchors[name]?.last { node in
            guard let own = node.mark, let mark else { return false }
            return (own.line, own.column) < (mark.line, mark.column)
        }
    }

    var anchorNames: [String] { anchors.keys.sorted() }

    private mutating func collectAnchors(_ node: Node) {
        if let name = node.anchor?.rawValue { anchors[name, default: []].append(node) }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                collectAnchors(key)
                collectAnchors(value)
            }
        case .sequence(let sequence): for entry in sequence { collectAnchors(entry) }
        case .scalar, .alias: break
        }
    }

    /// A second document would be ignored by pctl without a word.
    private mutating func checkEnd(_ parser: Parser, _ source: TemplateSource) {
        do {
            guard let second = try parser.nextRoot() else { return }
            let place = second.mark.map { (line: $0.line, column: $0.column) } ?? (line: 1, column: 1)
            problems.append(
                TemplateProblem(
                    line: place.line, column: place.column, path: "",
                    text: "a second document begins after `---`; a template is one document",
                    fix: "put it into a file of its own, or remove the `---` before it"))
        } catch YamlError.duplicatedKeysInMapping(_, let context) {
            problems.append(
                TemplateProblem(
                    line: context.mark.line, column: context.mark.column, path: "",
                    text: "a second document after `---`; a template is one document",
                    fix: "put it into a file of its own"))
        } catch {
            problems += Self.problems(error, in: source)
        }
    }

    // MARK: what the parser says

    private static func problems(_ error: any Error, in source: TemplateSource) -> [TemplateProblem] {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _)?, .parser(let context, let problem, let mark, _)?,
            .composer(let context, let problem, let mark, _)?:
            let tabs = source.tabs
            // The parser stops at the first tab; whoever uses one uses many.
            if tabs.contains(where: { $0.line == mark.line }) { return tabs.map(Self.tab) }
            return [syntax(problem, mark, context)]
        default:
            return [
                TemplateProblem(line: 1, column: 1, path: "", text: "this is not YAML that can be read", fix: "")
            ]
        }
    }

    private static func tab(_ place: (line: Int, column: Int)) -> TemplateProblem {
        TemplateProblem(
            line: place.line, column: place.column, path: "", text: "a tab indents this line; YAML takes blanks only",
            fix: "replace the tab by blanks")
    }

    private static func syntax(_ problem: String, _ mark: Mark, _ context: YamlError.Context?) -> TemplateProblem {
        // The parser's own advice is for programmers.
        let said = problem.contains("nesting level") ? "lists and mappings are nested too deep" : problem
        let hint = hints.first { problem.contains($0.words) }?.fix
        let block = context.flatMap {
            $0.mark.line < mark.line ? "it belongs to what begins in line \($0.mark.line)" : nil
        }
        return TemplateProblem(
            line: mark.line, column: mark.column, path: "", text: "this is not YAML: \(said)",
            fix: [hint, block].compactMap { $0 }.joined(separator: "; "))
    }

    /// The parser's words for the usual slips, and what they come from.
    private static let hints: [(words: String, fix: String)] = [
        (
            "cannot start any token",
            "put a text that begins with a special character into quotes, and indent with blanks only"
        ),
        ("mapping values are not allowed", "check the indentation, and put a text that contains `: ` into quotes"),
        ("did not find expected key", "give lines of the same block the same indentation"),
        ("did not find expected '-'", "give all entries of the list the same indentation"),
        ("block sequence entries are not allowed", "begin the list in a line of its own, below its key"),
        ("could not find expected ':'", "write `key: value`, with a blank behind the colon"),
        ("did not find expected ',' or", "add a comma between the entries, or the closing bracket"),
        ("unexpected end of stream", "add the closing quotation mark"),
        ("nesting level", "a template has no more than five levels"),
        ("expected alphabetic or numeric", "put a text that begins with & or * into quotes"),
    ]
}
