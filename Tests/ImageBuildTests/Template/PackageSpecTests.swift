import Testing

@testable import ImageBuild

/// What counts as a package spec, and which character keeps a text from being one.
@Suite struct PackageSpecTests {
    @Test(
        arguments: [
            ("gcc", "gcc", nil, [], nil, []), ("gcc@11.2.0", "gcc", "11.2.0", [], nil, []),
            ("hdf5@1.12+mpi~shared%gcc@11.2.0", "hdf5", "1.12", ["+mpi", "~shared"], "gcc@11.2.0", []),
            ("gromacs build_type=Release", "gromacs", nil, ["build_type=Release"], nil, []),
            ("x@1.2:1.4", "x", "1.2:1.4", [], nil, []), ("x@:3,5:", "x", ":3,5:", [], nil, []),
            ("x@=1.2", "x", "=1.2", [], nil, []), ("x@develop", "x", "develop", [], nil, []),
            ("x@git.feature/a=1.2", "x", "git.feature/a=1.2", [], nil, []),
            (#"x cflags="-O3 -g" target=zen3"#, "x", nil, [#"cflags="-O3 -g""#, "target=zen3"], nil, []),
            ("x arch=linux-amzn2-x86_64 %gcc@11", "x", nil, ["arch=linux-amzn2-x86_64"], "gcc@11", []),
            ("x++debug ~~tests", "x", nil, ["++debug", "~~tests"], nil, []),
            ("x target=x86_64: cuda_arch=80,90", "x", nil, ["target=x86_64:", "cuda_arch=80,90"], nil, []),
            ("x@1 ^openmpi@4+pmi %gcc ^zlib", "x", "1", [], nil, ["openmpi@4+pmi %gcc", "zlib"]),
            ("x ^[virtuals=blas,lapack] openblas", "x", nil, [], nil, ["openblas"]),
            ("x %c,cxx=gcc@12", "x", nil, [], "c,cxx=gcc@12", []), ("builtin.gcc@12", "gcc", "12", [], nil, []),
            ("intel-oneapi-compilers@2023.0", "intel-oneapi-compilers", "2023.0", [], nil, []),
            ("7zip", "7zip", nil, [], nil, []),
        ] as [(String, String, String?, [String], String?, [String])])
    func goodSpecsAreTakenApart(
        text: String, name: String, version: String?, variants: [String], compiler: String?, dependencies: [String]
    ) throws {
        let spec = try PackageSpec("  " + text + " ")
        #expect(spec.text == text)
        #expect(spec.name == name)
        #expect(spec.version == version)
        #expect(spec.variants == variants)
        #expect(spec.compiler == compiler)
        #expect(spec.dependencies == dependencies)
    }

    @Test(arguments: [
        // What a shell or Spack's command line would take for something else.
        ("-v", 0, "an option"), ("--reuse gcc", 0, "an option"), ("hdf5 -mpi", 5, "an option"),
        ("gcc@11;reboot", 6, "a shell"), ("gcc|tee", 3, "a shell"), ("gcc$(id)", 3, "a shell"),
        ("gcc`id`", 3, "a shell"),
        ("gcc && ls", 4, "a shell"), ("gcc > /etc/passwd", 4, "a shell"), (#"x cflags="$HOME""#, 10, "a shell"),
        ("gcc@*", 4, "a shell"), ("gcc\nllvm", 3, "a line break"), ("gcc\u{1B}[31m", 3, "U+001B"),
        ("gcc\u{0}", 3, "U+0000"), ("gcc\t+x", 3, "a tab"), ("gcc\u{202E}11", 3, "U+202E"),
        // What Spack would not read, or not as meant.
        ("", 0, "is empty"), ("   ", 3, "is empty"), ("@11.2", 0, "no package name"), ("+mpi", 0, "no package name"),
        ("GROMACS", 0, "lower-case"), ("Gcc@11", 0, "lower-case"), ("gcc@", 4, "no version"),
        ("gcc@11@12", 6, "second version"),
        ("gcc@11.", 6, "edge"), ("gcc@11,,12", 7, "empty version"), ("gcc@1:2:3", 7, "second range"),
        ("gcc@1=2", 5, "inside its version"), ("gcc@11 openmpi@4", 7, "second package"),
        ("gcc@11,openmpi@4", 14, "second version"),
        ("hdf5 +", 6, "the name of a variant"), ("hdf5 ~+", 6, "the name of a variant"),
        ("hdf5 mpi=", 9, "nothing behind mpi="),
        (#"x cflags="-O3"#, 9, "never closed"), ("gcc %", 5, "no compiler"), ("gcc ^", 5, "package name is expected"),
        ("gcc/a1b2c3", 3, "hash"), ("spack.yaml", 0, "a file"), ("gcc.", 3, "no name behind"),
        ("x ^[virtuals=a openblas", 15, "inside its brackets"),
        ("gcc@11 –shared", 7, "a long dash"), ("x cflags=“-O3”", 9, "a curly quote"), ("gürcc", 1, "U+00FC"),
        ("./gcc", 0, "`.`"),
    ])
    func badSpecsAreToldByTheirFirstWrongCharacter(text: String, offset: Int, words: String) throws {
        let problem = try #require(#expect(throws: PackageSpecProblem.self) { try PackageSpec(text) })
        #expect(problem.offset == offset, "\(problem)")
        #expect(problem.text.contains(words), "\(problem.text)")
        #expect(!problem.fix.isEmpty)
    }

    @Test func aSpecHasAnEnd() throws {
        let longest = String(repeating: "a", count: PackageSpec.most)
        #expect(try PackageSpec(longest).name == longest)
        #expect(throws: PackageSpecProblem.self) { try PackageSpec(longest + "a") }
        #expect(throws: PackageSpecProblem.self) { try PackageSpec(String(repeating: "gcc ", count: 1_000_000)) }
    }

    @Test(arguments: [
        ("gcc@11.2.0", true), ("llvm@15 %gcc@11", true), ("intel-oneapi-compilers@2023", true), ("gcc", true),
        ("gcc-runtime@12", false), ("openmpi@4 %gcc@11", false), ("hdf5 ^gcc@11", false),
    ])
    func onlyCompilersGoFirst(text: String, isCompiler: Bool) throws {
        #expect(try PackageSpec(text).isCompiler == isCompiler)
    }

    @Test func blanksMakeNoOtherSpec() throws {
        #expect(try PackageSpec(" hdf5   +mpi ") == PackageSpec("hdf5 +mpi"))
        #expect(try PackageSpec("x cflags='a  b'").text == "x cflags='a  b'")
        #expect(try PackageSpec("hdf5@1.12 +mpi ^zlib").short == "hdf5@1.12")
    }
}
