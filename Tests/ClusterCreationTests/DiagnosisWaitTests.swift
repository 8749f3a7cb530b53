import Fleet
import Foundation
import Testing

@testable import ClusterCreation

/// Every rule of `wait-condition.yaml` against its fixture: what makes it speak, and what only looks like it.
@Suite struct DiagnosisWaitTests {
    static let files: [WaitCase.File] = DiagnosisFixtures.names.filter { $0.hasPrefix("wait-") }.compactMap {
        try? DiagnosisFixtures.decode($0)
    }
    static let speaking = files.flatMap(\.speaks)
    static let silent = files.flatMap { file in file.silent.map { (file.rule, $0) } }

    @Test func theRegisterIsRead() throws {
        let register = try DiagnosisRegister.decode(PackageResources.wait_condition_yaml, as: WaitRegister.self)
        #expect(register.rules.count >= 20)
        #expect(WaitRegister.shared != nil)
    }

    @Test func everyRuleHasAFixtureThatMakesItSpeakAndANearMiss() throws {
        let register = try #require(WaitRegister.shared)
        #expect(Set(register.rules.map(\.id)).count == register.rules.count)
        #expect(Set(register.rules.map(\.id)) == Set(Self.files.map(\.rule)))
        for file in Self.files {
            #expect(!file.speaks.isEmpty && !file.silent.isEmpty, "\(file.rule)")
            #expect(file.speaks.allSatisfy { $0.says == file.rule }, "\(file.rule)")
        }
        #expect(Self.files.count == DiagnosisFixtures.names.filter { $0.hasPrefix("wait-") }.count)
    }

    @Test(arguments: speaking) func aRuleSpeaks(of example: WaitCase) throws {
        let finding = try #require(WaitDiagnosis.finding(try example.facts))
        #expect(finding.rule == example.says)
        #expect(finding.diagnosis.cause.hasSuffix("."))
        #expect(!finding.diagnosis.signs.isEmpty)
        #expect(finding.diagnosis.next.count >= 2)
        for text in [finding.diagnosis.cause] + finding.diagnosis.signs + finding.diagnosis.next {
            #expect(DiagnosisValues.names(in: text).isEmpty, "not filled: \(text)")
            #expect(!text.contains("unknown"), "not known: \(text)")
        }
    }

    @Test(arguments: silent) func aNearMissStaysSilent(rule: String, example: WaitCase) throws {
        let finding = WaitDiagnosis.finding(try example.facts)
        #expect(finding?.rule != rule)
        #expect(finding?.rule == example.says, "\(example.why)")
    }

    @Test func nothingIsSaidOfAWaitThatIsYoungAndNormal() throws {
        let log = WaitCase.Stream(age: 12, lines: ["2026-11-20 22:29:48,310 [INFO] Running config chefConfig"])
        for waited in stride(from: 0.0, through: 700, by: 50) {
            var example = WaitCase(why: "normal", waited: waited)
            example.logs = WaitCase.Logs(streams: ["cfn-init": log])
            #expect(WaitDiagnosis.diagnosis(try example.facts) == nil, "after \(waited) s")
            example.usual = WaitCase.Usual(high: 800, n: 10)
            #expect(WaitDiagnosis.diagnosis(try example.facts) == nil, "after \(waited) s of 800")
        }
    }

    @Test func nothingIsSaidWhenNothingIsWaitedFor() throws {
        let reading = ClusterReading(name: "demo", region: "us-west-2", readAt: WaitCase.now)
        #expect(WaitDiagnosis.diagnosis(ClusterFacts(reading, now: WaitCase.now, usualWait: nil)) == nil)
        var signalled = try WaitCase(why: "signalled", waited: 2000).reading
        signalled.stack.take([
            WireStackEvent(
                logicalResourceId: "HeadNodeWaitCondition20261120220000",
                resourceType: "AWS::CloudFormation::WaitCondition", resourceStatus: "CREATE_COMPLETE",
                timestamp: "2026-11-20T22:29:00Z")
        ])
        #expect(WaitDiagnosis.diagnosis(ClusterFacts(signalled, now: WaitCase.now, usualWait: nil)) == nil)
    }

    @Test func theCommonestTicketIsToldWithItsSignsBothWays() throws {
        let file = try DiagnosisFixtures.decode("wait-no-log.json", as: WaitCase.File.self)
        let told = try file.speaks.map { try #require(WaitDiagnosis.diagnosis(try $0.facts)) }
        #expect(told[0].cause == "The head node likely has no route to AWS: it has run for 7m30s without one log line.")
        #expect(told[0].signs.first == "for: it has no public address, so it needs a NAT gateway or VPC endpoints")
        #expect(told[0].signs.contains("for: its log group exists, so logging is on"))
        #expect(told[0].signs.last == "waited 7m of 35m (assumed), no history of this wait")
        #expect(told[1].signs.first?.hasPrefix("against: it has a public address") == true)
        #expect(told[0].next.contains { $0.contains("--instance-ids i-0aa11bb22cc33dd44 --region us-west-2") })
    }

    @Test func aLineIsQuotedWithoutItsTime() throws {
        let file = try DiagnosisFixtures.decode("wait-chef-failed.json", as: WaitCase.File.self)
        let told = try #require(WaitDiagnosis.diagnosis(try file.speaks[0].facts))
        #expect(
            told.signs.first?.hasPrefix("for: chef-client: Infra Phase failed") == true
                || told.signs.first?.hasPrefix("for: cfn-init: [ERROR] Error encountered during build") == true)
        #expect(told.signs.first?.contains("2026-11-20") == false)
    }

    @Test func theLimitComesFromTheStackOrElseFromTheVersion() throws {
        #expect(try WaitCase(why: "", waited: 1, limit: 3600).facts.wait?.limit == 3600)
        #expect(try WaitCase(why: "", waited: 1, version: "3.14.0").facts.wait?.limit == 2100)
        #expect(try WaitCase(why: "", waited: 1, version: "3.13.0").facts.wait?.limit == 2100)
        #expect(try WaitCase(why: "", waited: 1, version: "3.9.3").facts.wait?.limit == 1800)
        #expect(WaitRegister.limit(version: nil) == 1800)
        let known = try #require(WaitDiagnosis.diagnosis(try WaitCase(why: "", waited: 3400, limit: 3600).facts))
        #expect(known.cause == "CloudFormation gives up in 3m20s, and the head node has not signalled.")
        let assumed = try #require(WaitDiagnosis.diagnosis(try WaitCase(why: "", waited: 1900).facts))
        #expect(assumed.cause == "CloudFormation gives up in about 3m20s, and the head node has not signalled.")
    }
}
