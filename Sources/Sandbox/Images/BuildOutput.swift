import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What configure, make and cmake say, which stands between Spack's lines with `--verbose`.
extension BuilderScript {
    mutating func output(of phase: PackageInstall.Phase, _ package: PackageInstall) {
        let lines = Self.lines(of: phase, package)
        guard let command = lines.command else { return }
        let stamp = WireTime.text(date(phase.starts))
        add(
            "==> [\(stamp.prefix(10))-\(stamp.dropFirst(11).prefix(12))000] \(command)", at: phase.starts)
        let seconds = phase.ends - phase.starts
        let count = max(lines.least, Int(seconds / lines.seconds))
        for index in 0..<count {
            // The last one stands well before the next phase.
            let age = phase.starts + seconds * 0.995 * Double(index + 1) / Double(count)
            add(lines.text(index, count), at: age)
        }
    }

    private struct Lines {
        var command: String?
        /// Between two lines, and how many there are at least.
        var seconds = 2.5
        var least = 4
        var text: (_ index: Int, _ count: Int) -> String = { _, _ in "" }
    }

    private static func lines(of phase: PackageInstall.Phase, _ package: PackageInstall) -> Lines {
        let prefix = prefix(package)
        switch (package.recipe.system, phase.name) {
        case (.cmake, "cmake"):
            return Lines(
                command: "'\(Self.prefix("cmake", SpackRecipe.resolve("cmake").version))/bin/cmake' '-G' "
                    + "'Unix Makefiles' '-DCMAKE_INSTALL_PREFIX:STRING=\(prefix)' '-DCMAKE_BUILD_TYPE:STRING=Release'",
                seconds: 0.4, least: 12, text: { index, _ in cmakeCheck(index) })
        case (.cmake, "build"):
            return Lines(
                command: "'make' '-j16'", seconds: 2, least: 20,
                text: { compiled($0, of: $1, package.recipe.name) })
        case (_, "configure"), (_, "bootstrap"):
            return Lines(
                command: "'\(stage(package))/spack-src/configure' '--prefix=\(prefix)'", seconds: 0.7, least: 20,
                text: { index, _ in check(index) })
        case (.compiler, "build"):
            return Lines(
                command: "'make' '-j16' 'BOOT_LDFLAGS=-Wl,-rpath,\(prefix)/lib64' 'bootstrap'",
                text: { gcc($0, of: $1) })
        case (_, "build"):
            return Lines(command: "'make' '-j16' 'V=1'", text: { index, _ in compiled(index, package.recipe.name) })
        case (_, "install"):
            return Lines(
                command: "'make' '-j16' 'install'", seconds: 1.5,
                text: { index, _ in
                    "/usr/bin/install -c -m 644 \(package.recipe.name)\(index).h \(prefix)/include/\(package.recipe.name)\(index).h"
                })
        default: return Lines()
        }
    }

    /// `checking for sys/stat.h... yes`
    private static func check(_ index: Int) -> String {
        let (word, answer) = checks[index % checks.count]
        let round = index / checks.count
        return round == 0
            ? "checking \(word)... \(answer)" : "checking for \(functions[(index + round) % functions.count])... yes"
    }

    private static func cmakeCheck(_ index: Int) -> String {
        guard index >= cmakeChecks.count else { return cmakeChecks[index] }
        let function = functions[(index - cmakeChecks.count) / 2 % functions.count]
        return "-- Looking for \(function)" + (index % 2 == 0 ? "" : " - found")
    }

    /// The compiler is built three times, and each compiler builds the next.
    private static func gcc(_ index: Int, of count: Int) -> String {
        let step = min(2, index * 3 / count)
        let file = gccFiles[index % gccFiles.count]
        let compiler = step == 0 ? "/opt/spack/lib/spack/env/gcc/g++" : "./prev-gcc/xg++ -B./prev-gcc/"
        return "\(compiler) -fno-PIE -c -g -O2 -DIN_GCC -fno-exceptions -fno-rtti -DHAVE_CONFIG_H -I. -I../../gcc "
            + "-I../../gcc/../include -o \(file).o -MT \(file).o -MMD -MP -MF ./.deps/\(file).TPo ../../gcc/\(file).cc"
    }

    private static func compiled(_ index: Int, _ name: String) -> String {
        let file = "\(parts[index % parts.count])\(index / parts.count == 0 ? "" : String(index / parts.count))"
        if index % 17 == 16 { return "ar cr .libs/lib\(name).a \(file).o" }
        return
            "libtool: compile:  /opt/spack/lib/spack/env/gcc/gcc -DHAVE_CONFIG_H -I. -O2 -fPIC -c \(file).c -o .libs/\(file).o"
    }

    private static func compiled(_ index: Int, of count: Int, _ name: String) -> String {
        let percent = (index + 1) * 100 / count
        let number = percent < 10 ? "  \(percent)" : percent < 100 ? " \(percent)" : "100"
        if percent == 100 { return "[100%] Built target \(name)" }
        let part = parts[index % parts.count]
        if index % 23 == 22 { return "[\(number)%] Linking CXX static library lib\(name)_\(part).a" }
        return
            "[\(number)%] Building CXX object src/CMakeFiles/\(name).dir/\(part)/\(parts[(index / 3 + 5) % parts.count])\(index).cpp.o"
    }

    private static let gccFiles = [
        "gimple-match", "generic-match", "insn-emit", "insn-recog", "tree-ssa-loop", "tree-ssa-pre", "tree-vect-stmts",
        "expr", "fold-const", "dwarf2out", "cfgexpand", "combine", "config/i386/i386", "ipa-cp", "ipa-inline", "lra",
        "lra-constraints", "omp-low", "passes", "predict", "reload1", "sched-deps", "simplify-rtx", "stmt", "toplev",
        "tree-cfg", "tree-inline", "tree-ssa-dom", "tree-ssa-forwprop", "tree-ssa-ccp", "tree-ssa-sccvn", "tree-vrp",
        "tree", "var-tracking", "varasm", "wide-int", "gimplify", "graphite", "haifa-sched", "ifcvt", "ira-build",
        "insn-attrtab", "analyzer/engine", "cp/parser", "cp/pt", "fortran/resolve", "lto/lto", "df-scan",
    ]

    private static let parts = [
        "core", "util", "parse", "memory", "format", "io", "table", "index", "options", "reader", "writer", "thread",
        "queue", "filter", "string", "config", "stream", "buffer", "error", "version", "network", "hash",
    ]

    private static let checks = [
        ("build system type", "x86_64-pc-linux-gnu"), ("host system type", "x86_64-pc-linux-gnu"),
        ("for a BSD-compatible install", "/usr/bin/install -c"), ("whether build environment is sane", "yes"),
        ("for gcc", "/opt/spack/lib/spack/env/gcc/gcc"), ("whether the C compiler works", "yes"),
        ("for suffix of object files", "o"), ("whether we are cross compiling", "no"), ("for gawk", "gawk"),
        ("for sys/types.h", "yes"), ("for sys/stat.h", "yes"), ("for stdlib.h", "yes"), ("for unistd.h", "yes"),
        ("for inttypes.h", "yes"), ("size of long", "8"), ("size of void *", "8"),
        ("for ld used by gcc", "/usr/bin/ld"),
        ("whether make sets $(MAKE)", "yes"), ("for ranlib", "ranlib"), ("for dlfcn.h", "yes"),
        ("how to recognize dependent libraries", "pass_all"), ("for objdir", ".libs"),
    ]

    private static let functions = [
        "memcpy", "strtol", "getrusage", "clock_gettime", "sysconf", "mmap", "madvise", "getpagesize", "setlocale",
        "nl_langinfo", "sigaction", "fork", "wait4", "times", "gettimeofday", "strsignal", "posix_memalign", "dladdr",
    ]

    private static let cmakeChecks = [
        "-- The C compiler identification is GNU 11.4.1", "-- The CXX compiler identification is GNU 11.4.1",
        "-- Detecting C compiler ABI info", "-- Detecting C compiler ABI info - done",
        "-- Check for working C compiler: /opt/spack/lib/spack/env/gcc/gcc - skipped",
        "-- Detecting CXX compile features", "-- Detecting CXX compile features - done",
        "-- Looking for C++ include pthread.h", "-- Looking for C++ include pthread.h - found",
        "-- Performing Test CMAKE_HAVE_LIBC_PTHREAD", "-- Performing Test CMAKE_HAVE_LIBC_PTHREAD - Success",
        "-- Found Threads: TRUE", "-- Looking for unistd.h", "-- Looking for unistd.h - found",
        "-- Performing Test HAS_NO_STRINGOP_TRUNCATION", "-- Performing Test HAS_NO_STRINGOP_TRUNCATION - Success",
    ]
}
