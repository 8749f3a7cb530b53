import Fleet

/// What stands behind `==> Error:`. Source: wire-formats 5.2, and what users of Spack 0.10 to 1.2 report.
enum SpackErrors {
    static func read(_ text: LineBytes) -> SpackError {
        let shown = SecretText.line(text.text(limit: 2000))
        let trouble = trouble(text)
        if text.has("Failed to install "), let due = text.find(" due to ") {
            let word = text.part(18, due)
            let id = PackageID.classic(word) ?? PackageID.spec(word)
            let reason = text.part(due + 8)
            let shown = SecretText.line(reason.text(limit: 2000))
            // It says again what was said when it failed, unless it is the only one to say it.
            return SpackError(shown, trouble: trouble, package: id)
        }
        if text.has("Terminating after first install failure") {
            return SpackError(shown, trouble: trouble, shape: .summary)
        }
        if text.has("Installation request failed") { return SpackError(shown, trouble: .other, shape: .summary) }
        if let told = text.find(": Package was not installed") {
            return SpackError(shown, trouble: .build, shape: .summary, package: PackageID.classic(text.part(0, told)))
        }
        if text.has("The following packages failed to install") || text.contains("failed to install:") {
            return SpackError(shown, trouble: .build, shape: .list)
        }
        if text.has("Cannot proceed with ") {
            let word = text.part(20, text.find(":", from: 20) ?? text.count)
            return SpackError(shown, trouble: .dependency, package: PackageID.classic(word))
        }
        if trouble == .conflict {
            return SpackError(shown, trouble: .conflict, shape: .reasons, package: backquoted(text))
        }
        if trouble == .unknownPackage || trouble == .badSpec {
            return SpackError(shown, trouble: trouble, shape: .reasons, package: quotedPackage(text))
        }
        if let id = PackageID.stage(text) { return SpackError(shown, trouble: trouble, package: id) }
        return SpackError(shown, trouble: trouble)
    }

    /// Errors of the solver, of fetching and of Spack itself; else what a build's output would tell by the same words.
    static func trouble(_ text: LineBytes) -> BuildTrouble {
        let text = text.part(0, 1000)
        if text.contains("ackage '"), text.contains("not found") || text.contains("cannot be found") {
            return .unknownPackage
        }
        for (phrase, trouble) in phrases where text.contains(phrase) { return trouble }
        guard let sign = BuildTrouble.output(text) else { return text.has("InstallError") ? .build : .other }
        // `error:` in a sentence of Spack's is not a compiler's.
        return sign == .compile ? .other : sign
    }

    /// The first that is found is meant: from the particular to the general.
    private static let phrases: [(StaticString, BuildTrouble)] = [
        ("No space left on device", .diskFull), ("NoSpaceLeft", .diskFull), ("[Errno 28]", .diskFull),
        ("Disk quota exceeded", .quota), ("[Errno 122]", .quota), ("MemoryError", .outOfMemory),
        ("Cannot allocate memory", .outOfMemory), ("exited with status -9", .outOfMemory),
        ("exited with status 137", .outOfMemory), ("No compilers", .noCompiler), ("No compiler", .noCompiler),
        ("No available compiler", .noCompiler), ("NoCompilers", .noCompiler), ("no compiler", .noCompiler),
        ("CompilerNotFound", .noCompiler), ("without a compiler", .noCompiler),
        ("compiler is not available", .noCompiler),
        ("hecksum failed", .checksum), ("ChecksumError", .checksum), ("checksum mismatch", .checksum),
        ("NoChecksum", .checksum), ("no checksum", .checksum), ("NoVerifyException", .signature),
        ("ailed to validate signature", .signature), ("signature could not be verified", .signature),
        ("UnknownPackageError", .unknownPackage), ("Unknown package", .unknownPackage),
        ("UnknownNamespace", .unknownPackage), ("spack clean -m", .unknownPackage),
        ("SpecSyntaxError", .badSpec), ("SpecParsingError", .badSpec), ("SpecTokenizationError", .badSpec),
        ("unexpected token", .badSpec), ("unexpected character", .badSpec), ("Unexpected token", .badSpec),
        ("nvalid spec", .badSpec), ("no such variant", .badSpec), ("No such variant", .badSpec),
        ("UnknownVariantError", .badSpec), ("InvalidVariant", .badSpec), ("invalid values for variant", .badSpec),
        ("syntax error in spec", .badSpec), ("expected version", .badSpec), ("Missing variant", .badSpec),
        ("concretization failed", .conflict), ("ailed to concretize", .conflict), ("oncretization of", .conflict),
        ("during concretization", .conflict), ("annot satisfy", .conflict), ("Unsatisfiable", .conflict),
        ("unsatisfiable", .conflict), ("conflicts with", .conflict), ("Conflicts in concretized", .conflict),
        ("no valid versions", .conflict), ("concretizer internal error", .conflict),
        ("Cannot select a single", .conflict),
        ("cache-only", .noBinary), ("No binary", .noBinary), ("LockTimeout", .lock), ("Timed out waiting for", .lock),
        ("imed out waiting for lock", .lock), ("lock acquisition", .lock), ("LockError", .lock),
        ("read operation timed out", .timeout), ("Operation timed out", .timeout), ("timed out", .timeout),
        ("imeoutError", .timeout), ("fetchers failed", .network), ("FetchError", .network), ("FetchFailed", .network),
        ("URLError", .network), ("urlopen error", .network), ("Could not resolve host", .network),
        ("ailed to fetch", .network), ("HTTP Error", .network), ("Connection re", .network), ("certificate", .network),
        ("Permission denied", .permission), ("[Errno 13]", .permission), ("Read-only file system", .permission),
        ("[Errno 30]", .permission), ("uninstalled dependenc", .dependency), ("NoSuchPatch", .patch),
        ("atch failed", .patch), ("PatchDirective", .patch), ("tests failed", .test), ("TestFailure", .test),
        ("killed by signal", .killed), ("exited with status -", .killed), ("ProcessError", .build),
        ("Command exited with status", .build), ("requires a compiler", .noCompiler),
        ("not found in repository", .unknownPackage), ("not found in any repo", .unknownPackage),
    ]

    /// `failed to concretize `llvm@17.0.5` for the following reasons:`
    private static func backquoted(_ text: LineBytes) -> PackageID? {
        guard let open = text.find("`") else { return nil }
        return PackageID.spec(text.part(open + 1))
    }

    /// `Package 'foo' not found.`
    private static func quotedPackage(_ text: LineBytes) -> PackageID? {
        guard let open = text.find("ackage '") ?? text.find("ackage \"") else { return backquoted(text) }
        return PackageID.spec(text.part(open + 8))
    }
}
