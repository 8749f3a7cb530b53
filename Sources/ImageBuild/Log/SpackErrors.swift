import Fleet

/// What stands behind `==> Error:`. Source: wire-formats 5.2, and what users of Spack 0.10 to 1.2 report.
enum SpackErrors {
    static func read(_ text: LineBytes) -> SpackError {
        let shown = SecretText.line(text.text(limit: 2000))
        // `     2. Cannot satisfy 'zlib@9'`: Spack 1.2 gives every reason its own arrow.
        if let number = text.number(0), text.has(". ", at: number.end) {
            return SpackError(shown, trouble: .conflict, shape: .reason)
        }
        let trouble = trouble(text)
        // Of several that were asked for: `zlib-1.3-<hash>: ProcessError: …`
        if let colon = text.find(": "), colon < 250, let id = PackageID.classic(text.part(0, colon)) {
            let reason = text.part(colon + 2)
            let isVague = reason.has("Package was not installed")
            return SpackError(
                isVague ? shown : SecretText.line(reason.text(limit: 2000)), trouble: isVague ? .build : trouble,
                shape: .summary, package: id)
        }
        // `InstallError: Install failed for zlib.  Nothing was installed!`
        if let failed = text.find("Install failed for "), let stop = text.find(". ", from: failed + 19) {
            return SpackError(shown, trouble: trouble, package: PackageID.spec(text.part(failed + 19, stop)))
        }
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
        if text.has("The following packages failed to install") || text.contains("failed to install:") {
            return SpackError(shown, trouble: .build, shape: .list)
        }
        if text.has("Cannot proceed with ") {
            let word = text.part(20, text.find(":", from: 20) ?? text.count)
            return SpackError(shown, trouble: .dependency, package: PackageID.classic(word))
        }
        if trouble == .conflict {
            // Of several that are solved together, the reasons say which it is.
            let package = text.contains("`, `") ? nil : backquoted(text) ?? SpackReasons.package(text)
            return SpackError(shown, trouble: .conflict, shape: .reasons, package: package)
        }
        if text.has("cannot bootstrap ") { return SpackError(shown, trouble: trouble, shape: .reasons) }
        if trouble == .unknownPackage || trouble == .badSpec {
            return SpackError(shown, trouble: trouble, shape: .reasons, package: quotedPackage(text))
        }
        if text.has("No binary for ") {
            return SpackError(shown, trouble: trouble, package: PackageID.classic(text.part(14, text.wordEnd(14))))
        }
        if let id = PackageID.stage(text) { return SpackError(shown, trouble: trouble, package: id) }
        return SpackError(shown, trouble: trouble)
    }

    /// The last line of a trace in a build log: `spack.error.FetchError: All fetchers failed for …`. The new installer says no more of
    /// why a package failed. Nil when it is another line.
    static func raised(_ text: LineBytes) -> BuildTrouble? {
        guard let colon = text.find(": "), colon < 120,
            text.has("Error", at: colon - 5) || text.has("Exception", at: colon - 9)
                || text.has("Miss", at: colon - 4)
        else { return nil }
        let trouble = trouble(text)
        return trouble == .other ? .build : trouble
    }

    /// Errors of the solver, of fetching and of Spack itself; else what a build's output would tell by the same words.
    static func trouble(_ text: LineBytes) -> BuildTrouble {
        let text = text.part(0, 1000)
        if text.contains("ackage '"), text.contains("not found") || text.contains("cannot be found") {
            return .unknownPackage
        }
        for (phrase, trouble) in phrases where text.contains(phrase) { return trouble }
        // `error:` in a sentence of Spack's is not a compiler's.
        if let sign = BuildTrouble.output(text), sign != .compile { return sign }
        return text.has("InstallError") || text.contains("Install failed for ") ? .build : .other
    }

    /// The first that is found is meant: from the particular to the general.
    private static let phrases: [(StaticString, BuildTrouble)] = [
        ("No space left on device", .diskFull), ("NoSpaceLeft", .diskFull), ("[Errno 28]", .diskFull),
        ("Disk quota exceeded", .quota), ("[Errno 122]", .quota), ("cannot bootstrap ", .network),
        ("Keyboard interrupt", .killed), ("KeyboardInterrupt", .killed), ("MemoryError", .outOfMemory),
        ("Cannot allocate memory", .outOfMemory), ("exited with status -9", .outOfMemory),
        ("exited with status 137", .outOfMemory), ("unexpectedly (signal 9)", .outOfMemory),
        ("unexpectedly (signal ", .killed), ("Make sure it is in your path", .missingTool),
        ("No compilers", .noCompiler), ("No compiler", .noCompiler),
        ("No available compiler", .noCompiler), ("NoCompilers", .noCompiler), ("no compiler", .noCompiler),
        ("CompilerNotFound", .noCompiler), ("without a compiler", .noCompiler),
        ("compiler is not available", .noCompiler),
        ("hecksum failed", .checksum), ("ChecksumError", .checksum), ("checksum mismatch", .checksum),
        ("NoChecksum", .checksum), ("no checksum", .checksum), ("Will not fetch", .checksum),
        ("NoVerifyException", .signature), ("verify package signature", .signature), ("No public key", .signature),
        ("ailed to validate signature", .signature), ("signature could not be verified", .signature),
        ("UnknownPackageError", .unknownPackage), ("Unknown package", .unknownPackage),
        ("UnknownNamespace", .unknownPackage), ("Unknown namespace", .unknownPackage),
        ("spack clean -m", .unknownPackage),
        ("SpecSyntaxError", .badSpec), ("SpecParsingError", .badSpec), ("SpecTokenizationError", .badSpec),
        ("unexpected token", .badSpec), ("unexpected character", .badSpec), ("Unexpected token", .badSpec),
        ("nvalid spec", .badSpec), ("no such variant", .badSpec), ("No such variant", .badSpec),
        ("UnknownVariantError", .badSpec), ("InvalidVariant", .badSpec), ("invalid values for variant", .badSpec),
        ("syntax error in spec", .badSpec), ("expected version", .badSpec), ("Missing variant", .badSpec),
        ("expected a single spec", .badSpec), ("a single spec was requested", .badSpec),
        ("not found in package", .badSpec), ("matches multiple", .badSpec), ("spec with hash", .badSpec),
        ("match any installed", .badSpec), ("nvalid version", .badSpec), ("Invalid Version", .badSpec),
        ("concretization failed", .conflict), ("ailed to concretize", .conflict), ("oncretization of", .conflict),
        ("during concretization", .conflict), ("annot satisfy", .conflict), ("Unsatisfiable", .conflict),
        ("unsatisfiable", .conflict), ("conflicts with", .conflict), ("Conflicts in concretized", .conflict),
        ("no valid versions", .conflict), ("concretizer internal error", .conflict),
        ("Cannot select a single", .conflict), ("does not satisfy", .conflict), ("the solver completed", .conflict),
        ("cannot emit requirements", .conflict),
        ("cache-only", .noBinary), ("No binary", .noBinary), ("LockPermission", .permission),
        ("LockROFile", .permission), ("lock on read-only", .permission), ("No locks available", .lock),
        ("LockTimeout", .lock), ("Timed out waiting for", .lock),
        ("imed out waiting for lock", .lock), ("lock acquisition", .lock), ("LockError", .lock),
        ("read operation timed out", .timeout), ("Operation timed out", .timeout), ("timed out", .timeout),
        ("imeoutError", .timeout), ("fetchers failed", .network), ("FetchError", .network), ("FetchFailed", .network),
        ("URLError", .network), ("urlopen error", .network), ("Could not resolve host", .network),
        ("ailed to fetch", .network), ("HTTP Error", .network), ("Connection re", .network), ("certificate", .network),
        ("Permission denied", .permission), ("[Errno 13]", .permission), ("Read-only file system", .permission),
        ("[Errno 30]", .permission), ("nsufficient permissions", .permission),
        ("uninstalled dependenc", .dependency), ("NoSuchPatch", .patch), ("atch failed", .patch),
        ("PatchDirective", .patch), ("tests failed", .test), ("test failed", .test), ("TestFailure", .test),
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
