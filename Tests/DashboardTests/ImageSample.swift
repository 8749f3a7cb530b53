import Fleet
import Foundation
import Screen

@testable import Dashboard

/// Image builds that stand still: one of each thing that can be said of one.
enum ImageSample {
    static let now = Sample.now
    static let here = SourceID("builds")
    static let pctl = SourceID("pctl")

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    static func source(_ id: SourceID) -> Source {
        Source(id: id, kind: .image, state: .live, lastSuccess: ago(1), period: 15, address: "~/.\(id)")
    }

    static let specs = ["gcc@11.3.0", "openmpi@4.1.4", "python@3.10.8", "cmake@3.24.0", "git@2.38.1"]
    static let usual: [Double] = [3690, 1092, 768, 306, 192]
    static let compile = [
        "  CC       libgcc/_ctors.o", "g++ -std=c++11 -fno-PIE -c -g -O2 -DIN_GCC -o tree-ssa-dse.o gcc/tree-ssa-dse.c",
        "g++ -std=c++11 -fno-PIE -c -g -O2 -DIN_GCC -o tree-ssa-loop.o gcc/tree-ssa-loop.c",
    ]

    /// The packages with the one at `index` for `since` seconds, until `ended` seconds ago; those before it took what is usual.
    static func packages(
        _ index: Int, since: Double, _ state: Phase.State = .running, ended: Double = 0
    ) -> [ImageDetail.Package] {
        var end = since + ended
        var packages = specs.indices.map {
            ImageDetail.Package(
                spec: specs[$0], state: .waiting, isRoot: true, usual: usual[$0], usualCount: $0 < 3 ? 3 : 0)
        }
        for at in packages.indices.reversed() where at <= index {
            let isLast = at == index
            let seconds = isLast ? since : usual[at]
            if !isLast { end += seconds }
            packages[at].state = isLast ? state : .done
            packages[at].way = at == 3 ? "binary" : "source"
            (packages[at].startedAt, packages[at].seconds) = (ago(end), seconds)
        }
        let needed = ["gmp@6.2.1", "mpfr@4.1.0", "mpc@1.2.1", "zlib@1.2.13"].map {
            ImageDetail.Package(
                spec: $0, state: .done, isRoot: false, way: "binary", startedAt: ago(end + 60), seconds: 12)
        }
        return packages + needed
    }

    static func stages(_ index: Int, since: Double, _ state: Phase.State = .running, ended: Double? = nil) -> [Phase] {
        let usual: [Double] = [110, 6100, 600]
        var end = since
        var phases = ["Launch", "Software", "Image"].enumerated().map {
            Phase(name: $0.element, usual: usual[$0.offset], usualHigh: usual[$0.offset] * 1.3, usualCount: 3)
        }
        for at in phases.indices.reversed() where at <= index {
            phases[at].state = at == index ? state : .done
            phases[at].endedAt = at == index ? ended.map(ago) : ago(end)
            if at < index { end += usual[at] }
            phases[at].startedAt = ago(end)
        }
        return phases
    }

    static func steps(_ running: Int, _ seconds: [Double]) -> [Phase] {
        let usual: [Double] = [120, 3480, 45]
        var end = seconds[running...].first ?? 0
        var phases = ["configure", "build", "install"].enumerated().map {
            Phase(
                name: $0.element, usual: usual[$0.offset], usualHigh: usual[$0.offset] * 1.2, usualCount: 3)
        }
        (phases[running].state, phases[running].startedAt) = (.running, ago(end))
        for at in phases.indices.reversed() where at < running {
            (phases[at].state, phases[at].endedAt) = (.done, ago(end))
            end += seconds[at]
            phases[at].startedAt = ago(end)
        }
        return phases
    }

    static let gcc = ImageDetail.Current(
        spec: "gcc@11.3.0", number: 1, total: 5, startedAt: ago(1080), phases: steps(1, [135, 940]),
        file: "gcc/tree-ssa-loop.c", filesDone: 4823, filesTotal: 12_450,
        dependencies: [
            .init(spec: "gmp@6.2.1", isThere: true), .init(spec: "mpfr@4.1.0", isThere: true),
            .init(spec: "mpc@1.2.1", isThere: true), .init(spec: "zlib@1.2.13", isThere: true),
        ], log: "/var/log/spack/gcc-11.3.0-build.log", stage: "/tmp/spack-stage/spack-stage-gcc-11.3.0-abc123")

    static func disks(used: Double = 12.3, growth: Double = 0.2, peak: Double = 28) -> [ImageDetail.Disk] {
        func bytes(_ gigabytes: Double) -> Int { Int(gigabytes * 1e9) }
        return [
            .init(
                place: "/", used: bytes(used), total: bytes(45), growth: growth * 1e9, peak: bytes(peak), at: ago(8)),
            .init(place: "/opt/spack", used: bytes(used), total: bytes(45), held: bytes(8.2), at: ago(8)),
            .init(place: "/tmp", used: bytes(used), total: bytes(45), held: bytes(4.1), growth: 1.5e8, at: ago(8)),
        ]
    }

    static let similar: [ImageDetail.Similar] = [
        .init(name: "foundation-v1", seconds: 3480, endedAt: ago(3 * 86_400), isGood: true),
        .init(name: "test-build", seconds: 3900, endedAt: ago(7 * 86_400), isGood: true),
    ]

    static func estimate(_ p50: Double, _ p90: Double, n: Int = 3) -> Estimate {
        Estimate(p50: p50, p90: p90, n: n, basis: n < 3 ? .typical : .history, at: now)
    }

    static func item(
        _ name: String, _ word: String, _ state: Item.State, id: String, source: SourceID = here, since: Double?,
        ended: Double? = nil, percent: (Int, done: Int, of: Int)? = nil, phases: [Phase] = [], left: Estimate? = nil,
        diagnosis: Diagnosis? = nil, _ change: (inout ImageDetail) -> Void = { _ in }
    ) -> Item {
        var detail = ImageDetail(
            origin: source == here ? .slipway : .pctl, template: "starter-usw2",
            region: source == here ? nil : "us-west-2"
        )
        change(&detail)
        return Item(
            id: ItemID(kind: .image, source: source, key: id), kind: .image, name: name, source: source, state: state,
            word: word, startedAt: since.map(ago), endedAt: ended.map(ago), limit: 28_800,
            progress: percent.map { Progress(percent: $0.0, done: $0.done, total: $0.of, unit: "packages") },
            phases: phases, estimate: left, evidence: Evidence(at: ago(2), from: "log of the build"),
            diagnosis: diagnosis, profile: "starter-usw2", detail: .image(detail))
    }

    /// The compiler is being built, as the mock-ups have it.
    static let building = item(
        "gromacs", "installing", .running, id: "20261121-2140-4f1c", since: 1200, percent: (32, 0, 5),
        phases: stages(1, since: 1090), left: estimate(1500, 2820)
    ) { detail in
        detail.packages = packages(0, since: 1080)
        detail.current = gcc
        detail.disks = disks()
        detail.tail = (1...40).map { "checking for \($0)... yes" } + compile
        detail.similar = similar
        detail.notices = ["gcc@11.3.0 builds from source: 60-90 minutes"]
    }

    static let imaging = item(
        "mpi-stack", "creating image", .running, id: "77b0e2d4-5c1e-4d0b-9f55-1d6e0a3c77b0", source: pctl, since: 7400,
        percent: (96, 5, 5),
        phases: stages(2, since: 240), left: estimate(300, 480, n: 0)
    ) { detail in
        (detail.builder, detail.imageName) = ("i-0a9f31c6c4de8b701", "mpi-stack-20261121")
        detail.packages = packages(4, since: 190, .done, ended: 240)
    }

    static let failureText = "configure: error: Building GCC requires GMP 4.2+, MPFR 3.1.0+ and MPC 0.8.0+"
    static let place = "/tmp/spack-stage/spack-stage-gcc-11.3.0-abc123/spack-build-out.txt:417"

    static let failed = item(
        "gcc13-base", "failed", .failed, id: "20261121-2050-a41f", since: 4200, ended: 3600, percent: (12, 0, 5),
        phases: stages(1, since: 4080, .failed, ended: 3600),
        diagnosis: Diagnosis(
            cause: "gcc@11.3.0 failed in configure: \(failureText)", signs: ["the log says so at \(place)"],
            next: ["Check that the dependencies are available.", "spack install gmp mpfr mpc"])
    ) { detail in
        detail.packages = packages(0, since: 480, .failed, ended: 3600)
        detail.failures = [
            .init(
                package: "gcc@11.3.0", phase: "configure", text: failureText, place: place,
                lines: ["checking for the correct version of gmp.h... no", failureText],
                fix: "Check that the dependencies are available.")
        ]
        detail.warnings = ["Skipping build of openmpi@4.1.4 since gcc@11.3.0 failed"]
        detail.troubles = ["The disks of the builder were not read: df: command not found"]
        detail.disks = disks()
        detail.tail = [
            "==> Error: ProcessError: Command exited with status 1:", "==> Error: Installation request failed.",
        ]
    }

    /// The disk will not last.
    static let filling = item(
        "llvm-big", "installing", .running, id: "20261121-2030-0c9e", since: 5400, percent: (61, 2, 5),
        phases: stages(1, since: 5280), left: estimate(2100, 3000),
        diagnosis: Diagnosis(
            cause: "The disk will not last: / is 91% full and will need 52 GB of 45 GB.",
            signs: ["/tmp grew by 1.1 GB a minute over 10 minutes"],
            next: ["spack clean --stage", "Build again with a volume of 80 GB."])
    ) { detail in
        (detail.builder, detail.region) = ("build-7.example", nil)
        detail.packages = packages(2, since: 1300)
        detail.current = .init(
            spec: "python@3.10.8", number: 3, total: 5, startedAt: ago(1300), phases: steps(1, [30, 1260]),
            dependencies: [.init(spec: "libffi@3.4.2", isThere: true), .init(spec: "sqlite@3.39.4", isThere: false)])
        detail.disks = disks(used: 41.1, growth: 1.1, peak: 52)
        detail.tail = ["gcc -c Modules/_ssl.c"]
    }

    /// Known by its log alone.
    static let followed = item(
        "spack-build-out.txt", "installing", .running, id: "/home/ops/build.log", since: 300, percent: (40, 7, 19),
        left: Estimate(n: 0, basis: .none)
    ) { detail in
        (detail.origin, detail.template) = (.log, nil)
        detail.current = .init(spec: "hdf5@1.14.0", startedAt: ago(40), phases: [Phase(name: "build", state: .running)])
        detail.tail = ["==> hdf5: Executing phase: 'build'", "[ 42%] Building C object src/H5A.c.o"]
    }

    static let launching = item(
        "gromacs", "launching", .running, id: "91d2b7c0-1f2e-4a3b-8c4d-5e6f7a8b91d2", source: pctl, since: 45,
        phases: stages(0, since: 45)
    ) { detail in detail.packages = specs.map { .init(spec: $0, state: .waiting, isRoot: true) } }

    static func complete(_ number: Int) -> Item {
        item(
            "starter-v\(number)", "complete", .done, id: "2026111\(number)-1200-d00\(number)",
            since: 8000 + Double(number) * 86_400,
            ended: 1300 + Double(number) * 86_400, percent: (100, 5, 5),
            phases: stages(2, since: 1900 + Double(number) * 86_400, .done, ended: 1300 + Double(number) * 86_400)
        ) { detail in
            (detail.imageID, detail.imageName) = ("ami-0abc12345678900\(number)", "starter-v\(number)")
            detail.packages = packages(4, since: 190, .done, ended: 1900 + Double(number) * 86_400)
            detail.similar = similar
        }
    }

    static var items: [Item] {
        [building, imaging, failed, filling, followed, launching] + (1...3).map(complete)
    }

    static var snapshot: Snapshot {
        Snapshot(at: now, items: items, sources: [source(here), source(pctl)], events: events)
    }

    static var events: [Event] {
        [
            Event(
                at: ago(3600), kind: .image, source: here, item: failed.id, name: "gcc13-base", level: .bad,
                text: "failed, gcc@11.3.0 configure: Building GCC requires GMP 4.2+")
        ]
    }

    /// With the nodes of the other sample.
    static var withNodes: Snapshot {
        Snapshot(
            at: now, items: Sample.items + items, sources: [source(here), source(pctl), Sample.source(Sample.lab)],
            events: Sample.events + events)
    }

    /// The item after so many more lines in its log, which keeps the last 43.
    static func going(on item: Item, _ lines: [String]) -> Item {
        var item = item
        guard case .image(var detail) = item.detail else { return item }
        detail.tail = Array((detail.tail + lines).suffix(43))
        item.detail = .image(detail)
        return item
    }
}
