/// What to do about a failure: a table, of which the first entry that fits is meant. New entries go in front of more general ones.
public struct BuildFix: Sendable {
    public let id: String
    /// The troubles it is for; empty for any.
    public let troubles: [BuildTrouble]
    /// One of these stands in what was said; empty when that does not matter.
    public let says: [String]
    /// How the package's name begins; nil for any.
    public let package: String?
    /// One sentence, in which `{package}`, `{spec}`, `{phase}` and `{log}` stand for the failure's own, `{near}` for names that
    /// Spack proposes.
    public let sentence: String

    public init(
        _ id: String, _ troubles: [BuildTrouble] = [], says: [String] = [], package: String? = nil, _ sentence: String
    ) {
        self.id = id
        self.troubles = troubles
        self.says = says
        self.package = package
        self.sentence = sentence
    }

    public static func fix(for failure: BuildFailure) -> String {
        let texts = [failure.text, failure.command ?? ""] + failure.signs.map(\.text)
        let entry = table.first { $0.fits(failure, texts) }
        let name = failure.package?.name ?? "the package"
        return (entry ?? last).sentence
            .replacing("{package}", with: name).replacing("{spec}", with: failure.package?.spec ?? name)
            .replacing("{phase}", with: failure.phase ?? "failing")
            .replacing("{log}", with: failure.place ?? "the package's spack-build-out.txt")
            .replacing("{near}", with: near(failure))
    }

    private static let proposal = "Did you mean one of"

    /// `gromacs or gromos`: what Spack proposes in the place of a name that it does not know.
    private static func near(_ failure: BuildFailure) -> String {
        let names = failure.signs.map(\.text).drop { !$0.contains(proposal) }.dropFirst()
        return names.isEmpty ? "similar names" : names.joined(separator: " or ")
    }

    private func fits(_ failure: BuildFailure, _ texts: [String]) -> Bool {
        guard troubles.isEmpty || troubles.contains(failure.trouble) else { return false }
        if let package, !(failure.package?.name.hasPrefix(package) ?? false) { return false }
        return says.isEmpty || says.contains { phrase in texts.contains { $0.contains(phrase) } }
    }

    private static let last = BuildFix("any", [], "Read {log} from the first error downwards.")

    static let table: [BuildFix] = [
        BuildFix(
            "disk-llvm", [.diskFull], package: "llvm",
            "Give the builder a larger root volume (llvm needs 30 GB and more while it builds), or install it from a binary cache."
        ),
        BuildFix(
            "disk-gcc", [.diskFull], package: "gcc",
            "Give the builder a larger root volume (gcc needs about 8 GB free while it builds), or install it from a binary cache."
        ),
        BuildFix(
            "disk-stage", [.diskFull], says: ["/tmp", "spack-stage", "/dev/shm"],
            "Free the stage directory with `spack clean --stage`, or set `config:build_stage` to a larger disk."),
        BuildFix(
            "disk", [.diskFull],
            "Give the builder a larger volume, or free space with `spack clean -a`, then build again."),
        BuildFix(
            "quota", [.quota],
            "Raise the quota of the file system, or set `config:install_tree` and `config:build_stage` elsewhere."),
        BuildFix(
            "memory-link", [.outOfMemory], says: ["ld ", "collect2", "lld", "ld.gold"],
            "Linking {package} ran out of memory: build with fewer jobs (`spack install -j 2`), or take an instance with more memory."
        ),
        BuildFix(
            "memory", [.outOfMemory],
            "Build {package} with fewer jobs (`spack install -j 4`), or take an instance with more memory per core."),
        BuildFix(
            "fortran", [.noCompiler], says: ["ortran compiler", "gfortran", "F77", "FC ", "virtual fortran"],
            "Install a Fortran compiler (gcc-gfortran), then run `spack compiler find`."),
        BuildFix(
            "external-compiler", [.noCompiler], says: ["compilers are allowed for the", "rovider for virtual"],
            "Spack knows no compiler for a language: install it (gcc, gcc-c++, gcc-gfortran), then run `spack compiler find`."
        ),
        BuildFix(
            "broken-compiler", [.noCompiler], says: ["cannot create executables"],
            "The compiler itself does not work: look into config.log beside {log}, and check `spack compilers`."),
        BuildFix(
            "compiler", [.noCompiler],
            "Install a compiler on the builder (gcc, gcc-c++), then run `spack compiler find`."),
        BuildFix(
            "checksum-html", [.checksum], says: ["HTML", "<html"],
            "A web page came instead of the archive: check the proxy, run `spack clean --downloads` and build again."),
        BuildFix(
            "no-checksum", [.checksum], says: ["no checksum", "NoChecksum", "Will not fetch"],
            "This version has no checksum in Spack: choose a version from `spack versions --safe {package}`."),
        BuildFix(
            "checksum", [.checksum],
            "Run `spack clean --downloads` and build again; if it stays, the archive was changed upstream: take another version."
        ),
        BuildFix(
            "signature", [.signature],
            "Trust the cache's key with `spack buildcache keys --install --trust`, then build again."),
        BuildFix(
            "package-near", [.unknownPackage], says: [proposal],
            "Correct the name in the template: Spack knows no {package}, but {near}."),
        BuildFix(
            "package", [.unknownPackage],
            "Correct the name in the template (`spack list {package}` finds similar ones), or add the repository it is in."
        ),
        BuildFix(
            "variant", [.badSpec], says: ["variant"],
            "Correct the variant in the template: `spack info {package}` lists those it has."),
        BuildFix(
            "ambiguous", [.badSpec], says: ["matches multiple", "spec with hash", "match any installed"],
            "Name what is meant by version, variants or /hash: `spack find -lv {package}` lists what is installed."),
        BuildFix(
            "spec", [.badSpec], "Correct the package in the template: it is written name@version+variant%compiler."),
        BuildFix(
            "deprecated", [.conflict], says: ["deprecated"],
            "This version is deprecated: choose one from `spack versions --safe {package}`, or allow it with `--deprecated`."
        ),
        BuildFix(
            "conflict-external", [.conflict], says: ["buildable:false", "not buildable", "external spec"],
            "Add an external of {package} that fits to packages.yaml, or let Spack build it (no `buildable: false`)."),
        BuildFix(
            "conflict-requirement", [.conflict], says: ["requirement"],
            "Loosen what packages.yaml requires of {package}: `spack config blame packages` shows where it is."),
        BuildFix(
            "conflict-target", [.conflict], says: ["not compatible with this machine", "incompatible with 'target="],
            "Build for a target that the builder and its compiler know: `spack arch` names it, `target=x86_64_v3` chooses it."
        ),
        BuildFix(
            "conflict-variant", [.conflict],
            says: ["Cannot set variant", "valid value for", "conflicting variant values", "single-valued variant"],
            "Correct the variant in the template: `spack info {package}` lists its variants, their values and when they exist."
        ),
        BuildFix(
            "conflict-version", [.conflict],
            says: ["Cannot satisfy '", "cannot satisfy '", "no valid versions", "No version", "does not satisfy"],
            "Choose a version that exists and agrees with the others (`spack versions --safe {package}`), or leave it open."
        ),
        BuildFix(
            "conflict-compiler", [.conflict], says: ["compiler '", "conflicts with '%", "%gcc", "%clang"],
            "Build {package} with another compiler version, or another version of {package}."),
        BuildFix(
            "conflict-cycle", [.conflict], says: ["Cyclic dependency"],
            "Leave out the variant that closes the circle; `spack spec -I {package}` shows what it pulls in."),
        BuildFix(
            "conflict", [.conflict], "Loosen the specs in the template until `spack spec {package}` finds a solution."),
        BuildFix(
            "binary", [.noBinary], "Allow building from source (no `--cache-only`), or add a mirror that has {spec}."),
        BuildFix(
            "no-locks", [.lock], says: ["No locks available"],
            "The file system has no locks: put Spack on a local disk, or run `spack config add config:locks:false`."),
        BuildFix(
            "lock", [.lock], "Another Spack works in the same tree: wait for it, or raise `config:db_lock_timeout`."),
        BuildFix(
            "timeout", [.timeout], "Build again; on a slow network raise `config:connect_timeout`, or add a mirror."),
        BuildFix(
            "bootstrap", [.network], says: ["cannot bootstrap"],
            "Spack could not get its own solver: give the builder a way to the internet, or a mirror made by `spack bootstrap mirror`."
        ),
        BuildFix(
            "manual", [.network], says: ["anual download"],
            "Its licence asks for a download by hand: put the archive of {package} into a mirror (`spack mirror add`)."),
        BuildFix(
            "certificate", [.network], says: ["certificate", "SSL"],
            "Install the proxy's certificate on the builder, or set `config:ssl_certs`."),
        BuildFix(
            "not-there", [.network], says: ["404", "403"],
            "The archive is no longer at its address: take another version of {package}, or add a mirror that has it."),
        BuildFix(
            "dns", [.network], says: ["resolve host", "Name or service not known", "name resolution"],
            "The builder resolves no names: check its subnet's route to the internet and its DNS."),
        BuildFix(
            "network", [.network],
            "Check the builder's way to the internet, then build again; a source mirror makes it independent."),
        BuildFix(
            "compiler-permission", [.permission], says: ["make: gcc", "make: g++", "make: cc"],
            "The package's Makefile calls a compiler that Spack does not offer: build it with the compiler it asks for."
        ),
        BuildFix(
            "permission-path", [.permission], says: ["Errno", "nsufficient permissions", "read-only", "Read-only"],
            "Make the path that is named writable for the user who builds, or build as its owner."),
        BuildFix(
            "permission", [.permission],
            "Make the path in {log} writable for the user who builds, or build as its owner."),
        BuildFix(
            "compiler-crash", [.compilerCrash],
            "The compiler crashed: build {package} with fewer jobs first, then with another compiler version."),
        BuildFix(
            "header", [.missingHeader], says: ["ssl.h", "zlib.h", "curses.h", "libudev.h", "pthread.h"],
            "Install the library's development package on the builder, or let Spack build it instead of the system's."),
        BuildFix(
            "header-any", [.missingHeader],
            "A header was not found: a dependency lacks a variant, or a version is too old; see {log}."),
        BuildFix(
            "library", [.missingLibrary],
            "A library was not found: check the dependency's variants (`+shared`, `+pic`); see {log}."),
        BuildFix(
            "tool", [.missingTool],
            "Install the program that was not found on the builder, or add it as an external; see {log}."),
        BuildFix(
            "link", [.link],
            "Two libraries do not fit together: build {package} and its dependencies with one compiler; see {log}."),
        BuildFix(
            "configure", [.configure],
            "Read config.log or CMakeError.log beside {log}: what it tests for last is missing."),
        BuildFix(
            "bootstrap-compare", [.compile], says: ["Bootstrap comparison"],
            "Build {package} with `~bootstrap`, or with another compiler version; see {log}."),
        BuildFix(
            "compile", [.compile], "Try another version of {package} or of the compiler; the first error is in {log}."),
        BuildFix("patch", [.patch], "Take a version of {package} that needs no patch, or update Spack's recipes."),
        BuildFix("test", [.test], "Build {package} without `--test`, or look at its test log beside {log}."),
        BuildFix(
            "interrupted", [.killed], says: ["Keyboard interrupt", "KeyboardInterrupt"],
            "Somebody interrupted it: build again, what is installed already is found."),
        BuildFix(
            "killed", [.killed],
            "Something ended the build from outside: look at `dmesg` and the time limit of the job."),
        BuildFix(
            "marked", [.dependency], says: ["failed to install"],
            "An earlier run has marked it as failed: mend what failed there, run `spack clean --failures`, then build again."
        ),
        BuildFix("dependency", [.dependency], "Mend the package that failed first; this one only waits for it."),
        BuildFix(
            "nothing", [.build], says: ["Nothing was installed", "in prefix"],
            "The build reported no error, but installed nothing: read its last lines in {log}, or take another version of {package}."
        ),
        BuildFix("failed", [.build], "Read {log} upwards from its end: the first error is the cause."),
        BuildFix(
            "missing", [.other], says: ["does not find it"],
            "See what `spack find -lv` lists on the builder: it may have been installed into another tree, or as another user."
        ),
        BuildFix(
            "internal", [.other], says: ["object has no attribute", "KeyError", "Traceback", "NoneType"],
            "Spack itself failed: update it, or run the same `spack install` with `--backtrace` to see where."),
    ]
}

extension String {
    fileprivate func replacing(_ word: String, with other: String) -> String {
        guard let range = firstRange(of: word) else { return self }
        return String(self[..<range.lowerBound]) + other
            + String(self[range.upperBound...]).replacing(word, with: other)
    }
}
