extension SpackRecipe {
    static let all = Dictionary(
        (tools + libraries + scientific + roots).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    private static func recipe(
        _ name: String, _ version: String, _ system: System, _ seconds: Double, _ archive: Double, _ stage: Double,
        _ size: Double, needs: [String] = []
    ) -> SpackRecipe {
        SpackRecipe(
            name: name, version: version, system: system, seconds: seconds, archive: archive, stage: stage, size: size,
            needs: needs)
    }

    private static let tools = [
        recipe("gmake", "4.3", .autotools, 30, 2, 25, 3), recipe("perl", "5.34.0", .configured, 170, 18, 250, 62),
        recipe("diffutils", "3.8", .autotools, 38, 2, 40, 3), recipe("pkgconf", "1.9.5", .autotools, 20, 0.3, 9, 1),
        recipe("libsigsegv", "2.14", .autotools, 24, 0.5, 10, 1), recipe("m4", "1.4.19", .autotools, 44, 1.7, 40, 2),
        recipe("gawk", "5.2.2", .autotools, 55, 3.4, 60, 9), recipe("texinfo", "7.0.3", .autotools, 75, 5, 90, 14),
        recipe("autoconf-archive", "2023.02.20", .autotools, 8, 0.7, 12, 7),
        recipe("autoconf", "2.69", .autotools, 9, 1.2, 9, 4), recipe("automake", "1.16.5", .autotools, 11, 1.6, 12, 5),
        recipe("libtool", "2.4.7", .autotools, 18, 1, 18, 5), recipe("ninja", "1.11.1", .configured, 26, 0.3, 40, 2),
        recipe("util-macros", "1.19.3", .autotools, 5, 0.1, 2, 1), recipe("flex", "2.6.3", .autotools, 28, 1.4, 30, 4),
    ]

    private static let libraries = [
        recipe("libiconv", "1.17", .autotools, 40, 5, 60, 4), recipe("ncurses", "6.4", .autotools, 68, 3.6, 80, 12),
        recipe("readline", "8.2", .autotools, 28, 3, 30, 5), recipe("zlib-ng", "2.1.4", .autotools, 14, 2.3, 20, 1),
        recipe("zstd", "1.5.5", .makefile, 24, 2.3, 40, 3), recipe("gettext", "0.22.3", .autotools, 176, 25, 300, 40),
        recipe("gmp", "6.2.1", .autotools, 61, 2, 60, 6), recipe("mpfr", "4.2.0", .autotools, 42, 1.4, 50, 6),
        recipe("mpc", "1.3.1", .autotools, 19, 0.8, 12, 1), recipe("xz", "5.4.1", .autotools, 38, 2.4, 40, 4),
        recipe("libxml2", "2.10.3", .autotools, 64, 2.6, 110, 15),
        recipe("libpciaccess", "0.17", .autotools, 19, 0.5, 8, 1),
        recipe("hwloc", "2.9.1", .autotools, 58, 7, 90, 12), recipe("libevent", "2.1.12", .autotools, 46, 1, 50, 6),
        recipe("numactl", "2.0.14", .autotools, 24, 0.4, 12, 2), recipe("pmix", "5.0.1", .autotools, 92, 6, 180, 16),
        recipe("ca-certificates-mozilla", "2023-05-30", .bundle, 1, 0.2, 1, 1),
        recipe("openssl", "3.1.3", .configured, 150, 15, 320, 22), recipe("bzip2", "1.0.8", .makefile, 10, 0.8, 7, 1),
        recipe("expat", "2.5.0", .autotools, 26, 0.5, 18, 2), recipe("libmd", "1.0.4", .autotools, 17, 0.3, 6, 1),
        recipe("libbsd", "0.11.7", .autotools, 22, 0.4, 10, 1), recipe("gdbm", "1.23", .autotools, 33, 1, 20, 2),
        recipe("libffi", "3.4.4", .autotools, 17, 1.3, 12, 1), recipe("sqlite", "3.42.0", .autotools, 104, 3, 160, 12),
        recipe("util-linux-uuid", "2.38.1", .autotools, 43, 8, 60, 1),
        recipe("nghttp2", "1.57.0", .autotools, 29, 2, 40, 2), recipe("curl", "8.4.0", .autotools, 72, 4, 90, 5),
        recipe("libunistring", "1.1", .autotools, 88, 5, 120, 7), recipe("libidn2", "2.3.4", .autotools, 34, 2, 30, 2),
        recipe("pcre2", "10.42", .autotools, 36, 2.3, 60, 6),
        recipe("libjpeg-turbo", "3.0.0", .cmake, 34, 2.6, 50, 4), recipe("libpng", "1.6.39", .cmake, 18, 1.5, 15, 2),
        recipe("lz4", "1.9.4", .makefile, 15, 0.4, 12, 1), recipe("glew", "2.2.0", .cmake, 21, 0.8, 20, 4),
        recipe("jsoncpp", "1.9.5", .cmake, 22, 0.3, 18, 1),
    ]

    private static let scientific = [
        recipe("boost", "1.83.0", .configured, 178, 118, 1700, 190),
        recipe("cgal", "5.6", .cmake, 26, 30, 90, 40), recipe("metis", "5.1.0", .cmake, 22, 5, 30, 4),
        recipe("scotch", "7.0.4", .cmake, 48, 6, 70, 8), recipe("eigen", "3.4.0", .cmake, 9, 2.7, 20, 10),
        recipe("openblas", "0.3.24", .makefile, 172, 24, 600, 45), recipe("tbb", "2021.9.0", .cmake, 74, 2.5, 130, 5),
        recipe("hdf5", "1.14.3", .cmake, 160, 17, 420, 30), recipe("netcdf-c", "4.9.2", .autotools, 84, 20, 110, 9),
        recipe("mesa", "23.0.3", .configured, 168, 17, 900, 130), recipe("htslib", "1.17", .autotools, 38, 4.6, 40, 9),
        recipe("fftw", "3.3.10", .autotools, 172, 4.2, 420, 40),
    ]

    private static let basics = ["gmake", "perl", "diffutils", "pkgconf"]
    private static let text = ["libiconv", "ncurses", "zlib-ng"]
    private static let xml = ["xz", "libxml2"]
    private static let secure = ["ca-certificates-mozilla", "openssl"]
    private static let mpi =
        basics + text + xml + ["util-macros", "libpciaccess", "hwloc"] + secure + ["libevent", "numactl", "pmix"]

    private static let roots = [
        recipe(
            "gcc", "11.2.0", .compiler, 3440, 81, 4200, 1450,
            needs: basics + [
                "libsigsegv", "m4", "libiconv", "ncurses", "readline", "zlib-ng", "zstd", "gettext", "gawk", "texinfo",
                "autoconf-archive", "gmp", "mpfr", "mpc",
            ]),
        recipe("openmpi", "4.1.4", .autotools, 1070, 17, 900, 130, needs: mpi),
        recipe(
            "python", "3.10.10", .autotools, 715, 25, 620, 310,
            needs: basics + text + ["readline"] + xml + ["gettext", "bzip2", "libmd", "libbsd", "expat", "gdbm"]
                + ["libffi"] + secure + ["sqlite", "util-linux-uuid"]),
        recipe(
            "cmake", "3.24.4", .bootstrapped, 295, 10, 520, 95,
            needs: basics + ["ncurses", "zlib-ng"] + secure + ["nghttp2", "curl"]),
        recipe(
            "git", "2.39.3", .autotools, 178, 10, 280, 190,
            needs: basics + text + xml + ["gettext", "bzip2", "libunistring", "libidn2"] + secure
                + ["nghttp2", "curl", "expat", "pcre2", "libsigsegv", "m4", "autoconf", "automake", "libtool"]),
        recipe(
            "openfoam", "2306", .configured, 3900, 68, 9000, 1600,
            needs: mpi + ["m4", "gmp", "mpfr", "boost", "cmake", "cgal", "metis", "scotch", "fftw", "flex", "openmpi"]),
        recipe(
            "paraview", "5.11.2", .cmake, 2700, 88, 5200, 480,
            needs: basics + text + xml + ["bzip2", "expat", "libffi"] + secure
                + ["sqlite", "python", "cmake", "ninja", "mesa", "glew", "hdf5", "netcdf-c", "lz4", "eigen"]
                + ["libjpeg-turbo", "libpng"]),
        recipe(
            "gromacs", "2023.1", .cmake, 760, 41, 1500, 95,
            needs: mpi + ["openblas", "fftw", "cmake", "openmpi"]),
        recipe("lammps", "20230802", .cmake, 690, 160, 1300, 120, needs: mpi + ["fftw", "cmake", "openmpi"]),
        recipe("bamtools", "2.5.2", .cmake, 74, 0.5, 60, 9, needs: basics + ["zlib-ng", "cmake", "jsoncpp"]),
        recipe(
            "salmon", "1.10.2", .cmake, 520, 16, 900, 60,
            needs: basics + ["zlib-ng", "bzip2", "xz", "boost", "tbb", "jsoncpp"] + secure + ["curl", "cmake"]),
        recipe(
            "samtools", "1.17", .autotools, 66, 8, 60, 12,
            needs: basics + ["ncurses", "zlib-ng", "bzip2", "xz"] + secure + ["nghttp2", "curl", "htslib"]),
    ]
}
