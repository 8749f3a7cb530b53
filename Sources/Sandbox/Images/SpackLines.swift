import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What Spack 0.21 says while it installs one package; see wire-formats 5.2.
extension BuilderScript {
    mutating func install(_ package: PackageInstall, number: Int, of total: Int, root: BuildPlan.Root) {
        switch package.way {
        case .external: add("[+] /usr (external \(package.id))", at: package.starts)
        case .present: add("[+] \(Self.prefix(package))", at: package.starts)
        case .binary: extract(package, number, total)
        case .source: build(package, number, total, root)
        }
    }

    static func prefix(_ package: PackageInstall) -> String { prefix(package.recipe.name, package.version) }

    static func prefix(_ name: String, _ version: String) -> String {
        "\(SandboxBuilder.tree)/linux-amzn2023-x86_64_v3/gcc-11.4.1/\(name)-\(version)-\(SpackRecipe.hash(name, version))"
    }

    /// As the fixtures have it; on the builders nobody is called anything but root.
    static func stage(_ package: PackageInstall) -> String {
        "\(SandboxBuilder.stage)/root/spack-stage/spack-stage-\(package.id)"
    }

    private mutating func extract(_ package: PackageInstall, _ number: Int, _ total: Int) {
        let cache = "file:///opt/build-cache/build_cache/linux-amzn2023-x86_64_v3"
        add("==> Installing \(package.id) [\(number)/\(total)]", at: package.starts)
        add("==> Fetching \(cache)-gcc-11.4.1-\(package.id).spec.json.sig", at: package.starts + 0.1)
        add("gpg: Signature made \(Self.signed)", at: package.starts + 0.6)
        add("gpg: Good signature from \"builders <root@localhost>\" [ultimate]", at: package.starts + 0.6)
        add(
            "==> Fetching \(cache)/gcc-11.4.1/\(package.recipe.name)-\(package.version)/\(package.id).spack",
            at: package.starts + 0.8)
        add("==> Extracting \(package.id) from binary cache", at: package.staged)
        let (fetch, whole) = (package.staged - package.starts, package.ends - package.starts)
        installed(
            package,
            timings: [
                ("Search", 0), ("Fetch", fetch), ("Install", whole - fetch), ("Extract", (whole - fetch) * 0.6),
                ("Relocate", (whole - fetch) * 0.35), ("Total", whole),
            ])
    }

    private static let signed = "Sat 14 Oct 2023 07:11:52 AM UTC"

    private mutating func build(_ package: PackageInstall, _ number: Int, _ total: Int, _ root: BuildPlan.Root) {
        add("==> Installing \(package.id) [\(number)/\(total)]", at: package.starts)
        add("==> No binary for \(package.id) found: installing from source", at: package.starts)
        let digest = chance.hexadecimal(64)
        add(
            "==> Fetching https://mirror.spack.io/_source-cache/archive/\(digest.prefix(2))/\(digest).tar.gz",
            at: package.starts + 0.2)
        let name = package.recipe.name
        let patches = Self.patches[name] ?? []
        if patches.isEmpty {
            add("==> No patches needed for \(name)", at: package.staged)
        } else {
            for patch in patches {
                add(
                    "==> Applied patch /opt/spack/var/spack/repos/builtin/packages/\(name)/\(patch)",
                    at: package.staged)
            }
            add("==> Ran patch() for \(name)", at: package.staged)
        }
        for phase in package.phases {
            add("==> \(name): Executing phase: '\(phase.name)'", at: phase.starts)
            if life.builder.isVerbose { output(of: phase, package) }
        }
        if package.hasFailed {
            let failure = SpackFailure(package, isDiskFull: root.status == BuildPlan.diskFull)
            if life.builder.isVerbose { add(failure.output, at: package.ends) }
            add(failure.lines, at: package.ends)
        } else {
            let stage = package.staged - package.starts
            let phases = package.phases.map {
                ($0.name.prefix(1).uppercased() + $0.name.dropFirst(), $0.ends - $0.starts)
            }
            installed(
                package,
                timings: [("Stage", stage)] + phases + [
                    ("Post-install", package.finishing), ("Total", package.ends - package.starts),
                ])
        }
    }

    private mutating func installed(_ package: PackageInstall, timings: [(name: String, seconds: Double)]) {
        add("==> \(package.recipe.name): Successfully installed \(package.id)", at: package.ends)
        let last = timings.count - 1
        add(
            "  "
                + timings.enumerated().map { index, timing in
                    "\(timing.name): \(Self.duration(timing.seconds))\(index == last ? "" : ".")"
                }.joined(separator: "  "), at: package.ends)
        add("[+] \(Self.prefix(package))", at: package.ends)
    }

    /// `1h 3m 10.72s`, `58m 42.00s`, `0.02s`
    static func duration(_ seconds: Double) -> String {
        let hundredths = Int((max(0, seconds) * 100).rounded())
        let (minutes, rest) = (hundredths / 6000, hundredths % 6000)
        let small = rest % 100 < 10 ? "0\(rest % 100)" : "\(rest % 100)"
        return (minutes >= 60 ? "\(minutes / 60)h " : "") + (minutes % 60 > 0 ? "\(minutes % 60)m " : "")
            + "\(rest / 100).\(small)s"
    }

    private static let patches = [
        "gcc": ["zstd.patch"], "libiconv": ["gets.patch"], "ncurses": ["no_overwrite_flag.patch"],
        "bzip2": ["makefile-soname.patch"],
        "openfoam": ["common/spack-derived-Allwmake.patch", "common/README-spack.patch"],
    ]
}
