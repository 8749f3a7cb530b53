import Fleet
import Foundation
import Testing

@testable import ClusterCreation

/// Texts from outside in commands, quotes and searches.
@Suite struct DiagnosisTextTests {
    @Test(arguments: [
        ("demo", "demo"), ("us-west-2", "us-west-2"), ("a b", "'a b'"), ("$(reboot)", "'$(reboot)'"),
        ("a;b", "'a;b'"), ("it's", "'it'\\''s'"), ("`x`", "'`x`'"), ("a\"b", "'a\"b'"), ("é", "'é'"),
    ]) func aValueIsOneWordOfAShell(value: String, word: String) {
        var values = DiagnosisValues()
        values["cluster"] = value
        #expect(values.fill("x -n {cluster} y", as: .command) == "x -n \(word) y")
        #expect(values.fill("the {cluster}", as: .prose) == "the \(value)")
    }

    @Test func whatCannotBeAWordMakesNoCommand() {
        var values = DiagnosisValues()
        for value in ["--delete-all", "-r", "bad\u{FFFD}name"] {
            values["cluster"] = value
            #expect(values.fill("x -n {cluster}", as: .command) == nil)
        }
        #expect(values.fill("x {instance}", as: .command) == nil)
        values["cluster"] = ""
        #expect(values.fill("x {cluster}", as: .command) == nil)
    }

    @Test func bracesThatAreNoPlaceholdersStay() {
        let values = DiagnosisValues()
        for text in ["{Name: x}", "a { b", "{}", "{", "}", "{A}", "{{"] {
            #expect(values.fill(text, as: .prose) == text)
        }
    }

    @Test func aHostileNameReachesNoShell() throws {
        var reading = try WaitCase(why: "", waited: 900).reading
        reading.name = "demo'; rm -rf / #"
        reading.region = "us-west-2\n"
        let told = try #require(WaitDiagnosis.diagnosis(ClusterFacts(reading, now: WaitCase.now, usualWait: nil)))
        for step in told.next where step.hasPrefix("pcluster") {
            #expect(step.contains("-n 'demo'\\''; rm -rf / #' -r 'us-west-2 '"), "\(step)")
        }
    }

    @Test(
        arguments: [
            ("2026-11-20 22:11:04,310 [INFO] Running", "2026-11-20T22:11:04.310Z"),
            ("[2026-11-20T22:11:04+00:00] INFO: x", "2026-11-20T22:11:04Z"),
            ("[2026-11-20T22:11:04.124] fatal: x", "2026-11-20T22:11:04.124Z"),
            ("[2026-11-21T07:11:04+09:00] INFO: x", "2026-11-20T22:11:04Z"),
            ("2026-11-20T22:11:04Z x", "2026-11-20T22:11:04Z"), ("Nov 20 22:11:04 ip x", nil), ("", nil), ("[", nil),
            ("[x", nil), ("12", nil), ("99 bottles", nil), ("[] x", nil), ("١٢ x", nil),
        ] as [(String, String?)]) func theTimeOfALineIsRead(line: String, time: String?)
    {
        #expect(DiagnosisLog.time(line) == time.flatMap { WireTime.date($0) })
    }

    @Test func ofALongLineThatIsShownWhichCounts() {
        let phrase = DiagnosisPhrase("InsufficientInstanceCapacity")
        let line =
            "2026-11-20 22:18:33,660 - ERROR - " + String(repeating: "ü", count: 120)
            + "(InsufficientInstanceCapacity) " + String(repeating: "x", count: 300)
        let shown = DiagnosisLog.quoted(line, showing: phrase)
        #expect(shown.hasPrefix("…ü") && shown.contains("InsufficientInstanceCapacity") && shown.hasSuffix("…"))
        #expect(!shown.contains("\u{FFFD}") && shown.unicodeScalars.count <= 181)
        #expect(
            DiagnosisLog.quoted("a InsufficientInstanceCapacity b", showing: phrase)
                == "a InsufficientInstanceCapacity b")
        #expect(DiagnosisLog.quoted(String(repeating: "y", count: 500)).unicodeScalars.count == 181)
    }

    @Test func aPhraseIsFoundInAnyCaseAndInItsOrder() {
        #expect(DiagnosisPhrase("Command chef * failed").isSaid(in: "[ERROR] command CHEF (cinc-client) failed"))
        #expect(!DiagnosisPhrase("Command chef * failed").isSaid(in: "failed: Command chef "))
        #expect(DiagnosisPhrase("aab").isSaid(in: "aaab"))
        #expect(!DiagnosisPhrase("aab").isSaid(in: "aa"))
        #expect(DiagnosisPhrase("ende").isSaid(in: "zu ende"))
        #expect(!DiagnosisPhrase("a*a").isSaid(in: "a"))
    }

    @Test func aPhraseThatSaysNothingIsNotTaken() {
        for text in ["\"\"", "\"*\"", "\"ab\""] {
            #expect(DiagnosisRegister.read(Array("- \(text)".utf8), as: [DiagnosisPhrase].self) == nil, "\(text)")
        }
    }

    /// A log of repeated beginnings of what is searched for is the worst that can come; the bound is a hundred times
    /// what it takes.
    @Test func hostileLinesCostLittle() throws {
        let worst = String(repeating: "Command chef Command chef mount.lustre: mount ", count: 2000)
        var example = WaitCase(why: "", waited: 900)
        example.logs = WaitCase.Logs(
            streams: Dictionary(
                uniqueKeysWithValues: ["cfn-init", "chef-client", "clustermgtd", "slurmctld", "syslog"].map {
                    ($0, WaitCase.Stream(age: 10, lines: Array(repeating: worst, count: 500)))
                }))
        let reading = try example.reading
        let clock = ContinuousClock()
        let taken = clock.measure {
            let facts = ClusterFacts(reading, now: WaitCase.now, usualWait: nil)
            #expect(facts.logs.allSatisfy { $0.lines.count <= 120 && $0.folded.allSatisfy { $0.count <= 600 } })
            #expect(WaitDiagnosis.finding(facts)?.rule == "slow")
        }
        #expect(taken < .seconds(20))
    }

    @Test func aReasonIsFreedOfItsWrapping() {
        let reason =
            "Resource handler returned message: \"The maximum number of VPCs has been reached. (Service: Ec2, "
            + "Status Code: 400, Request ID: 62b19929)\" (RequestToken: 51640d90, HandlerErrorCode: GeneralServiceException)"
        #expect(ReasonText.plain(reason) == "The maximum number of VPCs has been reached.")
        #expect(ReasonText.plain("plain") == "plain")
        #expect(ReasonText.plain("You may not. Encoded authorization failure message: 4GIOHl") == "You may not.")
        #expect(ReasonText.plain("a\u{1B}[31mb") == "a\u{FFFD}[31mb")
    }
}
