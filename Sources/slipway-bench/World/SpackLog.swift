import Foundation

/// What `spack install --verbose` prints: few lines that say something, and between them those of compilers, the same in every run.
struct SpackLog {
    /// Numbers that are the same in every run.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64 = 2026

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) ^ (state << 31)
        }
    }

    private enum Way: CaseIterable { case configure, cmake, ninja }

    private static let root = "/opt/spack/opt/spack/linux-debian12-x86_64_v4/gcc-12.2.0"
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
    private static let words = [
        "lib", "core", "mesh", "field", "solver", "graph", "io", "math", "comm", "sort", "tree", "hash", "cache",
        "task",
        "pool", "queue", "matrix", "vector", "tensor", "kernel",
    ]
    private static let flags = [
        "-O3", "-g", "-fPIC", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wmissing-prototypes", "-pthread",
        "-march=x86-64-v4", "-fvisibility=hidden", "-DNDEBUG", "-DHAVE_CONFIG_H", "-D_GNU_SOURCE",
        "-fno-strict-aliasing",
        "-ftree-vectorize", "-funroll-loops", "-DUSE_MPI=1", "-D_FILE_OFFSET_BITS=64", "-std=gnu17", "-fopenmp",
    ]

    private var dice = Dice()
    private var way = Way.configure
    private var step = 0
    /// Where the present package's dependencies are, as compilers are told.
    private var includes: [String] = []

    /// Writes a whole log of an installation that ends well, at least so large, as if nothing had been added to it for five minutes.
    ///
    /// - Parameters:
    ///   - bytes: the size.
    ///   - packages: how many are installed.
    static func write(to path: String, bytes: Int, packages: Int) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchProblem("\(path) cannot be written.") }
        defer { try? file.close() }
        var log = SpackLog()
        var buffer: [UInt8] = []
        func put(_ line: String) {
            buffer += line.utf8
            buffer.append(0x0A)
        }
        var written = 0
        for number in 1...packages {
            let package = log.package(number)
            for line in log.begin(package, number, of: packages) { put(line) }
            while written + buffer.count < bytes / packages * number {
                put(log.line())
                guard buffer.count > 1 << 20 else { continue }
                try file.write(contentsOf: buffer)
                written += buffer.count
                buffer.removeAll(keepingCapacity: true)
            }
            for line in log.end(package) { put(line) }
        }
        try file.write(contentsOf: buffer)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -300)], ofItemAtPath: path)
    }

    /// The next line of what is being built.
    mutating func line() -> String {
        step += 1
        switch Int.random(in: 0..<100, using: &dice) {
        case ..<6: return "make[\(step % 3 + 1)]: Entering directory '/tmp/root/spack-stage/\(word())/\(word())/src'"
        case ..<12: return "checking for \(word())_\(word()).h... \(step % 4 == 0 ? "no" : "yes")"
        case ..<15:
            return
                "src/\(word())/\(word())_\(step).c:\(step % 900 + 1):14: warning: unused variable '\(word())' [-Wunused-variable]"
        case ..<18: return "  \(step % 900 + 1) |     double \(word())_\(word()) = 0;"
        case ..<21: return "      |            ^~~~~~~~~~~"
        case ..<24: return "ar rcs lib\(word()).a \(word()).o \(word())_\(step).o \(word()).o"
        case ..<36 where way == .cmake:
            return "[\(pad(step / 40 % 100))%] Building CXX object src/CMakeFiles/\(word()).dir/\(word())_\(step).cpp.o"
        default: return command()
        }
    }

    /// A compiler's command line of 300 to 2,000 bytes: most of what is printed.
    mutating func command() -> String {
        let source = "src/\(word())/\(word())_\(step)"
        var line =
            switch way {
            case .configure: "libtool: compile:  /opt/spack/lib/spack/env/gcc/gcc"
            case .cmake: "cd /tmp/root/spack-stage/build/src && /opt/spack/lib/spack/env/gcc/g++"
            case .ninja: "[\(step % 3400 + 1)/3400] /opt/spack/lib/spack/env/gcc/g++"
            }
        let length = Int.random(in: 300...(step % 5 == 0 ? 2000 : 700), using: &dice) - source.utf8.count - 20
        while line.utf8.count < length {
            line += " "
            line += (step + line.utf8.count) % 4 == 0 ? pick(includes) : pick(Self.flags)
        }
        return line + " -c \(source).c -o \(source).o"
    }

    // MARK: a package

    private mutating func package(_ number: Int) -> String {
        let hash = String((0..<32).map { _ in Self.letters.randomElement(using: &dice) ?? "a" })
        return "\(word())-\(number)-1.\(number % 20).\(number % 7)-\(hash)"
    }

    private static func name(_ package: String) -> String {
        package.split(separator: "-").prefix(2).joined(separator: "-")
    }

    private mutating func begin(_ package: String, _ number: Int, of total: Int) -> [String] {
        includes = (0..<8).map { _ in "-I\(Self.root)/\(self.package(Int.random(in: 1...total, using: &dice)))/include"
        }
        way = Way.allCases[number % Way.allCases.count]
        step = 0
        let name = Self.name(package)
        return [
            "==> Installing \(package) [\(number)/\(total)]",
            "==> No binary for \(package) found: installing from source",
            "==> Using cached archive: /opt/spack/var/spack/cache/_source-cache/archive/17/174af1e256f9cf6ceed0bb1b03d7c0b9.tar.gz",
            "==> No patches needed for \(name)",
            "==> \(name): Executing phase: '\(way == .configure ? "configure" : "cmake")'",
            "==> [2026-11-20-22:27:30.747030] '\(way == .configure ? "./configure" : "cmake")' '--prefix=\(Self.root)/\(package)'",
            "==> \(name): Executing phase: 'build'",
            "==> [2026-11-20-22:28:31.517760] '\(way == .ninja ? "ninja" : "make")' '-j8'",
        ]
    }

    private func end(_ package: String) -> [String] {
        let name = Self.name(package)
        return [
            "==> \(name): Executing phase: 'install'",
            "==> [2026-11-20-22:37:32.274250] '\(way == .ninja ? "ninja" : "make")' 'install'",
            "==> \(name): Successfully installed \(package)",
            "  Stage: 0.52s.  Build: 9m 1.77s.  Install: 1.01s.  Post-install: 0.31s.  Total: 9m 3.90s",
            "[+] \(Self.root)/\(package)",
        ]
    }

    // MARK: pieces

    private mutating func word() -> String { pick(Self.words) }

    private mutating func pick(_ pieces: [String]) -> String { pieces.randomElement(using: &dice) ?? "" }

    private func pad(_ number: Int) -> String { String(repeating: " ", count: 3 - "\(number)".count) + "\(number)" }
}
