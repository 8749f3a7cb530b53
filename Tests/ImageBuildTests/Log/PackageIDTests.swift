import Testing

@testable import ImageBuild

/// Names, versions and hashes, which Spack joins by hyphens that all three may contain.
@Suite struct PackageIDTests {
    private static let hash = "ph7pbnhl334wuhogmugriohcwempqry2"

    private func bytes<T>(_ text: String, _ read: (LineBytes) -> T) -> T {
        var text = text
        return text.withUTF8 { read(LineBytes(base: $0)) }
    }

    @Test(arguments: [
        ("gcc-11.3.0", "gcc", "11.3.0"), ("rig-full-1.0", "rig-full", "1.0"), ("libxml2-2.10.3", "libxml2", "2.10.3"),
        ("py-setuptools-69.2.0", "py-setuptools", "69.2.0"), ("slurm-23-11-1-1", "slurm", "23-11-1-1"),
        ("r-mass-7.3-60", "r-mass", "7.3-60"), ("font-adobe-100dpi-1.0.3", "font-adobe-100dpi", "1.0.3"),
        ("singularity-eos-main", "singularity-eos", "main"), ("clingo-bootstrap-spack", "clingo-bootstrap", "spack"),
        ("jpeg-9e", "jpeg", "9e"), ("tzdata-2023c", "tzdata", "2023c"), ("mrnet-5.0.1-3", "mrnet", "5.0.1-3"),
        ("k4actstracking-00-01", "k4actstracking", "00-01"), ("py-2to3-1.0", "py-2to3", "1.0"),
        ("7zip-21.07", "7zip", "21.07"),
        ("cice5-git.2023.10=access", "cice5", "git.2023.10=access"), ("trace-v3_17_11", "trace", "v3_17_11"),
        ("openjdk-1.8.0_222-b10", "openjdk", "1.8.0_222-b10"), ("intel-tbb-2020.3", "intel-tbb", "2020.3"),
    ])
    func classicIdsAreReadFromTheRight(text: String, name: String, version: String) {
        let id = bytes("\(text)-\(Self.hash)", PackageID.classic)
        #expect(id == PackageID(name: name, version: version, hash: Self.hash))
        #expect(bytes("/opt/spack/linux-x86_64/gcc-9/\(text)-\(Self.hash)", PackageID.prefix) == id)
        #expect(bytes("/tmp/spack-stage/spack-stage-\(text)-\(Self.hash)/spack-build-out.txt", PackageID.stage) == id)
        #expect(bytes("/tmp/spack-stage-\(text)-\(Self.hash)-k3_x9ab.log", PackageID.stage)?.name == name)
    }

    @Test(arguments: [
        (
            "/daq/spack_packages/mesa/23.3.6/linux-almalinux9-x86_64_v2-gcc-13.1.0-kgd5s7jfuu2s7q66q3gfrltmopigzbaz",
            "mesa", "23.3.6"
        ),
        ("/apps/libiconv/1.16-gcc-10.2.0-zmywoh3", "libiconv", "1.16"), ("/opt/zlib-1.3.1-6ivzngn", "zlib", "1.3.1"),
    ])
    func sitesArrangeTheirFoldersOtherwise(path: String, name: String, version: String) {
        let id = bytes(path, PackageID.prefix)
        #expect(id?.name == name && id?.version == version && id?.hash.isEmpty == false)
    }

    @Test(arguments: [
        ("gcc@11.3.0", "gcc", "11.3.0"), ("openmpi@=4.1.4%gcc@11+pmi fabrics=ucx", "openmpi", "4.1.4"),
        ("cmake", "cmake", ""),
        ("python@3.10~debug", "python", "3.10"), ("builtin.zlib@1.2/abcdefg", "zlib", "1.2"), ("git%gcc", "git", ""),
    ])
    func specsOfTemplates(text: String, name: String, version: String) {
        #expect(bytes(text, PackageID.spec) == PackageID(name: name, version: version))
    }

    @Test(arguments: ["/usr", "", "-", "/", "gcc-11.3.0", "-\(hash)", "headers for", "a b-\(hash)", "==>", "@1.0"])
    func whatIsNoPackage(text: String) {
        #expect(bytes(text, PackageID.classic) == nil)
        #expect(bytes(text, PackageID.prefix) == nil)
    }
}
