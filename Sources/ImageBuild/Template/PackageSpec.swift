/// One entry of `software.spack_packages`: what `spack install` is asked for.
///
/// pctl writes `name[@version][~v|+v ...][%compiler]`; everything else that Spack's own grammar has and templates use is read too:
/// `key=value`, quoted flags, `^dependency`, version lists and ranges. What a shell or Spack's command line would take for something
/// else is refused, because pctl's script puts the text into a command.
public struct PackageSpec: Sendable, Hashable, CustomStringConvertible {
    /// The longest spec in characters.
    public static let most = 500
    /// Packages that others are built with; they are built first. Source: the first three are pctl's (`gcc@`, `llvm@`,
    /// `intel-oneapi-compilers@`), the others are Spack's further compiler packages.
    public static let compilerNames: Set<String> = [
        "gcc", "llvm", "intel-oneapi-compilers", "intel-oneapi-compilers-classic", "aocc", "acfl", "llvm-amdgpu",
        "nvhpc",
    ]

    /// The whole spec with single blanks; one argument of `spack install`.
    public let text: String
    /// The package, without its repository: `gcc` of `builtin.gcc@11.2.0`.
    public let name: String
    /// What stands behind the `@`: `11.2.0`, `=1.2`, `1.2:1.4`; nil if Spack is to choose.
    public let version: String?
    /// `+mpi`, `~shared`, `build_type=Release`, `target=zen3`, in the order given.
    public let variants: [String]
    /// What stands behind the `%`: `gcc@11.2.0`; nil if Spack is to choose.
    public let compiler: String?
    /// What stands behind each `^`: `openmpi@4.1.4 +pmi`.
    public let dependencies: [String]

    /// - Throws: the first character that is wrong.
    public init(_ text: String) throws(PackageSpecProblem) {
        var scanner = SpecScanner(text)
        let parts = try scanner.spec()
        self.text = scanner.squeezed
        name = String(parts.root.name.split(separator: ".").last ?? "")
        version = parts.root.version
        variants = parts.root.variants
        compiler = parts.root.compiler
        dependencies = parts.dependencies
    }

    /// Whether other packages are built with it.
    public var isCompiler: Bool { Self.compilerNames.contains(name) }

    /// What a row has room for, and what durations are kept under: `gcc@11.2.0`.
    public var short: String { version.map { "\(name)@\($0)" } ?? name }

    public var description: String { text }
}

/// Why a text is no package spec.
public struct PackageSpecProblem: Error, Sendable, Equatable {
    /// The wrong character, counted in Unicode scalars from 0; the length of the text if something is missing at its end.
    public var offset: Int
    /// What is wrong with it.
    public var text: String
    /// How to put it right; may be empty.
    public var fix: String
}

/// The order in which packages are built.
public struct PackageOrder: Sendable, Equatable {
    /// Compilers first, since the others may be built with them; otherwise the order of the template, and nothing twice.
    public let specs: [PackageSpec]
    /// What was changed against the template, one sentence each.
    public let notes: [String]

    /// - Parameter given: the packages as the template lists them.
    public init(_ given: [PackageSpec]) {
        var seen: Set<String> = []
        var doubled: [String] = []
        var unique: [PackageSpec] = []
        for spec in given {
            if seen.insert(spec.text).inserted {
                unique.append(spec)
            } else if !doubled.contains(spec.text) {
                doubled.append(spec.text)
            }
        }
        specs = unique.filter(\.isCompiler) + unique.filter { !$0.isCompiler }
        var notes = doubled.map { "\($0) is listed more than once and is built once." }
        let early = zip(specs, unique).first { $0 != $1 }.map { $0.0 }
        if let early { notes.append("\(early.text) is built earlier than listed, since compilers come first.") }
        self.notes = notes
    }
}
