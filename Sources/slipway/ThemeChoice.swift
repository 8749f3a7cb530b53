import Foundation
import Screen
import Themes

/// Finds a theme by name: a person's own file first, then the built-in ones.
struct ThemeChoice {
    let paths: Paths

    /// - Returns: the theme, and a sentence when it is not the one that was asked for.
    func load(_ name: String) -> (theme: Theme, notice: String?) {
        let (theme, problems) = read(name)
        if let theme { return (theme, problems.first { $0.severity == .error }?.description) }
        let fallback = read("default-dark").theme ?? Theme.plain
        let reason = problems.first?.description ?? "there is no theme called \(name); `slipway themes list` names all"
        return (fallback, "theme: \(reason)")
    }

    /// - Parameter heirs: the files that inherit from this one. A file that inherits its own name means the built-in theme of that name;
    ///   a longer circle ends as a theme that is not there.
    /// - Returns: nil and no problem for a name that nothing is known of.
    func read(_ name: String, heirs: [String] = []) -> (theme: Theme?, problems: [ThemeProblem]) {
        let file = name.hasSuffix(".yaml") ? name : "\(paths.themes)/\(name).yaml"
        if !heirs.contains(file), let data = FileManager.default.contents(atPath: file) {
            return ThemeFile.load(
                yaml: String(decoding: data, as: UTF8.self), file: Paths.short(file),
                parent: { read($0, heirs: heirs + [file]).theme })
        }
        guard let yaml = BuiltInThemes.yaml(named: name) else { return (nil, []) }
        return ThemeFile.load(
            yaml: yaml, file: "\(name).yaml", parent: { heirs.contains($0) ? nil : read($0, heirs: heirs + [$0]).theme }
        )
    }
}
