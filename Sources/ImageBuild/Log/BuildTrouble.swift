/// What went wrong, from the particular to the general: of two signs the one that stands first here is believed.
public enum BuildTrouble: String, Sendable, CaseIterable, Codable {
    case diskFull = "disk_full"
    case quota
    case outOfMemory = "out_of_memory"
    case noCompiler = "no_compiler"
    case checksum
    case signature
    case unknownPackage = "unknown_package"
    case badSpec = "bad_spec"
    case conflict
    case noBinary = "no_binary"
    case lock
    case timeout
    case network
    case permission
    case compilerCrash = "compiler_crash"
    case missingHeader = "missing_header"
    case missingLibrary = "missing_library"
    case missingTool = "missing_tool"
    case link
    case configure
    case compile
    case patch
    case test
    /// A process was ended by a signal, and nobody says why.
    case killed
    /// It could not be built, because something it needs was not.
    case dependency
    /// A build command failed.
    case build
    case other

    /// 0 for the most particular.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }

    /// Whether one line of output is proof enough, wherever it stands.
    var isCertain: Bool { self == .diskFull || self == .quota || self == .outOfMemory }

    func stronger(_ other: BuildTrouble?) -> BuildTrouble {
        guard let other, other.rank < rank else { return self }
        return other
    }
}

extension BuildTrouble {
    /// What a line of a build's output tells, as compilers, linkers, make, ninja, CMake and the kernel say it.
    static func output(_ line: LineBytes) -> BuildTrouble? {
        var found: BuildTrouble?
        // Each of them looks through the whole line.
        var errors = 0
        for place in 0..<line.count {
            let sign: BuildTrouble?
            switch line.base[place] {
            case UInt8(ascii: "N"): sign = line.has("No space left on device", at: place) ? .diskFull : nil
            case UInt8(ascii: "D"): sign = line.has("Disk quota exceeded", at: place) ? .quota : nil
            case UInt8(ascii: "K"): sign = killed(line, at: place)
            case UInt8(ascii: "B"): sign = line.has("Bootstrap comparison failure", at: place) ? .compile : nil
            case UInt8(ascii: "P"): sign = line.has("Permission denied", at: place) ? .permission : nil
            case UInt8(ascii: "O"): sign = line.has("Out of memory", at: place) ? .outOfMemory : nil
            case UInt8(ascii: "C"): sign = upperC(line, at: place)
            case UInt8(ascii: "r"):
                guard errors < 3, line.has("rror", at: place) else { continue }
                errors += 1
                sign = error(line, at: place)
            case UInt8(ascii: "v"): sign = line.has("virtual memory exhausted", at: place) ? .outOfMemory : nil
            case UInt8(ascii: "o"): sign = line.has("out of memory allocating", at: place) ? .outOfMemory : nil
            case UInt8(ascii: "s"): sign = line.has("signal 9", at: place) ? .outOfMemory : nil
            case UInt8(ascii: "S"): sign = line.has("Segmentation fault", at: place) ? .killed : nil
            case UInt8(ascii: "u"): sign = line.has("undefined reference to", at: place) ? .link : nil
            case UInt8(ascii: "c"): sign = lowerC(line, at: place)
            case UInt8(ascii: "n"): sign = line.has("ninja: build stopped", at: place) ? .build : nil
            case UInt8(ascii: "T"): sign = line.has("Timeout was reached", at: place) ? .timeout : nil
            default: continue
            }
            if let sign { found = sign.stronger(found) }
        }
        return found
    }

    private static func killed(_ line: LineBytes, at place: Int) -> BuildTrouble? {
        guard line.has("Killed", at: place) else { return nil }
        let isEnd = line.afterBlanks(place + 6) == line.count
        if line.has("Killed signal terminated", at: place) || line.has("Killed (program", at: place)
            || line.has("Killed process", at: place)
        {
            return .outOfMemory
        }
        // `make[2]: *** [Makefile:9: x.o] Killed`, `install.sh: line 3:  4711 Killed   spack install gcc`
        let isShell = line[place - 1] == Ascii.blank && Ascii.isDigit(line[place - 2]) && line[place + 6] == Ascii.blank
        return isShell || isEnd && place > 0 && line[place - 1] == Ascii.blank ? .outOfMemory : nil
    }

    private static func upperC(_ line: LineBytes, at place: Int) -> BuildTrouble? {
        if line.has("Cannot allocate memory", at: place) { return .outOfMemory }
        if line.has("CMake Error", at: place), place == line.afterBlanks() { return .configure }
        if line.has("Could not resolve host", at: place) || line.has("Connection refused", at: place)
            || line.has("Connection reset by peer", at: place) || line.has("Connection timed out", at: place)
        {
            return .network
        }
        return nil
    }

    private static func lowerC(_ line: LineBytes, at place: Int) -> BuildTrouble? {
        if line.has("cannot find -l", at: place) { return .missingLibrary }
        if line.has("cannot create executables", at: place) { return .noCompiler }
        if line.has("command not found", at: place) { return .missingTool }
        return line.has("collect2: ld returned", at: place) ? .link : nil
    }

    /// `place` is that of `rror`.
    private static func error(_ line: LineBytes, at place: Int) -> BuildTrouble? {
        let isMake = line.contains("*** [")
        if isMake, line.has("rror ", at: place), Ascii.isDigit(line[place + 5]) {
            return line.contains("(ignored)") ? nil : .build
        }
        guard line[place + 4] == Ascii.colon else {
            return line.has("rror while loading shared libraries", at: place) ? .missingLibrary : nil
        }
        if line.contains("internal compiler error") { return .compilerCrash }
        if line.contains("configure: error") {
            return line.contains("compiler") && (line.contains("no acceptable") || line.contains("cannot create"))
                || line.contains("compiler not found") ? .noCompiler : .configure
        }
        if line.contains("fatal error:"), line.contains("No such file") || line.contains("file not found") {
            return .missingHeader
        }
        if line.contains("ld returned") || line.contains("linker command failed") { return .link }
        // A test whether something compiles says `error:` too, but not behind the place in a file.
        return .compile
    }
}
