import Foundation
import Testing

@testable import ImageBuild

/// What pctl's and petal's files mean, whatever they say.
@Suite struct BuildStateTests {
    static func state(_ json: String) throws -> WireBuildState { try #require(WireBuildState.read(Data(json.utf8))) }

    static let whole = """
        {
          "build_id": "6f1c2c9e-7d0a-4a51-9f6e-0d8f5a1b2c3d",
          "ami_id": "ami-0123456789abcdef0",
          "instance_id": "i-0abc",
          "status": "failed",
          "progress": 100,
          "progress_message": "Installation complete",
          "start_time": "2025-11-20T10:00:00.123456789Z",
          "end_time": "2025-11-20T11:08:30.123456789Z",
          "template_name": "starter-cluster",
          "ami_name": "starter-cluster-20251120",
          "region": "us-west-2",
          "package_count": 5,
          "error_message": "Build did not complete successfully"
        }
        """

    @Test func aSuccessThatIsSavedAsFailedIsASuccess() throws {
        let state = try Self.state(Self.whole)
        #expect(state.stage == .complete)
        #expect(state.failure == nil)
        #expect(state.softwarePercent == 100)
        #expect(state.duration == 4110)
        #expect(state.cautions == [.succeededAllTheSame])
        #expect(state.packageCount == 5)
        #expect(state.region == "us-west-2")
    }

    @Test(
        arguments: [
            (#"{"status": "launching", "instance_id": ""}"#, .launching, 0, []),
            (#"{"status": "installing", "progress": 44}"#, .installing, 44, []),
            // The percentage falls to 0 when the image is created; the software is there.
            (#"{"status": "creating", "progress": 0}"#, .creating, 100, [.percentWasReset, .imageWaitDoesNotEnd]),
            (#"{"status": "creating", "progress": 100}"#, .creating, 100, [.imageWaitDoesNotEnd]),
            (#"{"status": "complete", "progress": 100}"#, .complete, 100, []),
            // Detached: marked failed as soon as the command returns.
            (
                #"{"status": "failed", "progress": 10, "error_message": "Build did not complete successfully"}"#,
                .failed, 10,
                [.mayBeDetached]
            ),
            // The image was available, and pctl did not see it.
            (
                #"{"status": "failed", "progress": 0, "error_message": "timeout waiting for AMI ami creation"}"#,
                .failed, 0,
                [.imageMayExist]
            ),
            (#"{"status": "installing", "progress": 60, "error_message": "no space left"}"#, .failed, 60, []),
            (#"{"status": "failed", "error_message": "", "ami_id": "ami-1"}"#, .complete, 100, [.succeededAllTheSame]),
            (#"{"status": "installing", "ami_id": ""}"#, .installing, nil, []),
            (#"{"status": "resting", "progress": 3}"#, .unknown("resting"), 3, []),
            (#"{"build_id": "b"}"#, .unknown(""), nil, []),
        ] as [(String, WireBuildState.Stage, Int?, [BuildCaution])])
    func anImageWinsThenAnErrorThenTheStatus(
        json: String, stage: WireBuildState.Stage, percent: Int?, cautions: [BuildCaution]
    ) throws {
        let state = try Self.state(json)
        #expect(state.stage == stage)
        #expect(state.softwarePercent == percent)
        #expect(state.cautions == cautions)
        #expect((state.failure != nil) == (stage == .failed))
    }

    @Test func aFieldOfAWrongTypeSpoilsNoOther() throws {
        let state = try Self.state(
            """
            {"build_id": 7, "status": "installing", "progress": "56", "progress_message": ["x"], "start_time": 5,
             "end_time": "0001-01-01T00:00:00Z", "package_count": "many", "region": null, "ami_id": {}, "new": [1]}
            """)
        #expect(state.buildID == "7")
        #expect(state.stage == .installing)
        #expect(state.softwarePercent == 56)
        #expect(state.startedAt == nil && state.endedAt == nil && state.packageCount == nil && state.region == nil)
        #expect(try Self.state(#"{"status": "installing", "progress": 1e300}"#).progress == nil)
        #expect(try Self.state(#"{"status": "installing", "progress": -4}"#).progress == 0)
    }

    @Test func textsAreHarmlessAndKeepNoSecrets() throws {
        let state = try Self.state(
            #"{"status": "failed\u001b[2J", "error_message": "curl https://u:secret@host/x?Signature=abc failed\nhere"}"#
        )
        #expect(state.status == "failed\u{FFFD}[2J")
        #expect(state.failure?.contains("secret") == false)
        #expect(state.failure?.contains("abc") == false)
        #expect(state.failure?.hasSuffix("failed here") == true)
    }

    @Test(arguments: ["", "{", "[]", "{}", "null", "7", #"{"builds": []}"#, #"{"status": "inst"#])
    func whatIsNoBuildIsNone(text: String) { #expect(WireBuildState.read(Data(text.utf8)) == nil) }

    // MARK: progress

    @Test(
        arguments: [
            ("20% - Starting package installation", 20, "Starting package installation", nil, nil),
            (
                "Installing compiler gcc@11.2.0 (1/5 packages, 32%)", 32, "Installing compiler gcc@11.2.0",
                "gcc@11.2.0", 1
            ),
            ("Installing openmpi@4.1.4 (2/5 packages, 44%)", 44, "Installing openmpi@4.1.4", "openmpi@4.1.4", 2),
            (
                "Installing hdf5%gcc@11 +mpi (3/5 packages, 56%)", 56, "Installing hdf5%gcc@11 +mpi",
                "hdf5%gcc@11 +mpi", 3
            ),
            (
                "32% - Installing compiler gcc@11.2.0 (1/5 packages, 32%)", 32, "Installing compiler gcc@11.2.0",
                "gcc@11.2.0", 1
            ),
            ("Installing Spack package manager (10%)", 10, "Installing Spack package manager", nil, nil),
            ("Package installation complete (80%)", 80, "Package installation complete", nil, nil),
            ("Installing compiler (2/5 packages, 44%)", 44, "Installing compiler", "compiler", 2),
            ("Bootstrap started", nil, "Bootstrap started", nil, nil), ("", nil, "", nil, nil),
            ("%", nil, "%", nil, nil),
            ("Installing x (a/b packages, 44%)", 44, "Installing x", nil, nil),
            ("Installing x (99999999999999999999/5 packages, 4%)", 4, "Installing x", nil, nil),
        ] as [(String, Int?, String, String?, Int?)])
    func aMessageIsTakenApart(text: String, percent: Int?, message: String, package: String?, index: Int?) {
        let progress = PctlProgress(text)
        #expect(progress.percent == percent)
        #expect(progress.message == message)
        #expect(progress.spec == package)
        #expect(progress.number == index)
        #expect(progress.isCompiler == (text.contains("compiler gcc")))
    }

    @Test(
        arguments: [
            ("75%", 75), ("a 5% b 6%", 5), ("% 7%", 7), ("hdf5%gcc 9%", 9), ("100%", 100), ("101%", nil), ("-3%", nil),
            ("12.5%", nil), ("7 %", nil), (String(repeating: "9", count: 5000) + "%", nil), ("(0%)", 0), ("none", nil),
        ] as [(String, Int?)])
    func thePercentageIsTheFirstNumberDirectlyBeforeASign(text: String, percent: Int?) {
        #expect(PctlProgress.percent(text) == percent)
    }

    @Test func theLastMarkerOfTheConsoleCounts() {
        let console = """
            Nov 20 10:00 ip-10 pctl-bootstrap: PCTL_PROGRESS: Bootstrap started (0%)
            Nov 20 10:09 ip-10 pctl-bootstrap: PCTL_PROGRESS: Installing compiler gcc@11.2.0 (1/5 packages, 32%)
            Nov 20 10:10 ip-10 pctl-bootstrap: ==> Installing gmp
            """
        #expect(PctlProgress.last(inConsole: console)?.spec == "gcc@11.2.0")
        #expect(PctlProgress.last(inConsole: "nothing") == nil)
    }
}
