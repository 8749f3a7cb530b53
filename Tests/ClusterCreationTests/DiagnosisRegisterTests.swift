import Foundation
import Testing

@testable import ClusterCreation

/// What holds for every text and every command of the three registers.
@Suite struct DiagnosisRegisterTests {
    /// All next steps, with where they stand.
    static let steps: [(place: String, step: DiagnosisStep)] = {
        let rules = (WaitRegister.shared?.rules ?? []).flatMap { rule in rule.next.map { (rule.id, $0) } }
        let codes = (FailureCodes.shared?.codes ?? []).flatMap { entry in
            ((entry.hints ?? []) + entry.next).map { (entry.code, $0) }
        }
        guard let hints = ResourceHints.shared else { return [] }
        let resources =
            hints.reasons.flatMap { hint in hint.next.map { (hint.id, $0) } }
            + hints.resources.flatMap { hint in hint.next.map { (hint.id, $0) } }
            + hints.stacks.flatMap { stack in stack.next.map { (stack.status.joined(), $0) } }
            + hints.protected.next.map { ("protected", $0) }
        return rules + codes + resources
    }()

    /// Causes and signs, with where they stand.
    static let sentences: [(place: String, text: String)] = {
        let rules = (WaitRegister.shared?.rules ?? []).flatMap { rule in
            [(rule.id, rule.cause)] + (rule.ended.map { [(rule.id, $0)] } ?? [])
        }
        guard let hints = ResourceHints.shared else { return [] }
        return rules + (FailureCodes.shared?.codes ?? []).map { ($0.code, $0.cause) }
            + hints.reasons.map { ($0.id, $0.cause) } + hints.resources.map { ($0.id, $0.cause) }
            + [("protected", hints.protected.cause)]
    }()

    static let known: Set<String> = [
        "cluster", "region", "version", "instance", "instance-type", "instance-state", "instance-age", "logical-id",
        "waited", "limit", "remaining", "usual", "n", "log-age", "message", "compute", "compute-running", "type",
        "status", "deed", "reason", "failed",
    ]

    static func isKnown(_ name: String) -> Bool {
        known.contains(name) || name.hasPrefix("stream:") || name.hasPrefix("log-age:")
    }

    @Test func allThreeRegistersAreRead() throws {
        _ = try DiagnosisRegister.decode(PackageResources.wait_condition_yaml, as: WaitRegister.self)
        _ = try DiagnosisRegister.decode(PackageResources.failure_codes_yaml, as: FailureCodes.self)
        _ = try DiagnosisRegister.decode(PackageResources.resource_hints_yaml, as: ResourceHints.self)
        #expect(Self.steps.count > 150)
    }

    @Test func brokenDataAreNoCrash() {
        let texts = ["", "rules: [", "codes: 7", "rules:\n  - id: x\n    when: [{moon: full}]", "\u{0}\u{7}"]
        for text in texts {
            #expect(DiagnosisRegister.read(Array(text.utf8), as: WaitRegister.self) == nil)
            #expect(DiagnosisRegister.read(Array(text.utf8), as: FailureCodes.self) == nil)
            #expect(DiagnosisRegister.read(Array(text.utf8), as: ResourceHints.self) == nil)
        }
        #expect(DiagnosisRegister.read([0xFF, 0xFE, 0xC0], as: WaitRegister.self) == nil)
    }

    @Test func everyPlaceholderIsOneThatCanBeFilled() {
        for (place, text) in Self.sentences {
            for name in DiagnosisValues.names(in: text) { #expect(Self.isKnown(name), "\(place): {\(name)}") }
        }
        for (place, step) in Self.steps {
            for name in DiagnosisValues.names(in: step.run ?? step.say ?? "") {
                #expect(Self.isKnown(name), "\(place): {\(name)}")
            }
        }
        for rule in WaitRegister.shared?.rules ?? [] {
            for sign in rule.signs ?? [] {
                let texts = [sign.present?.text, sign.absent?.text].compactMap { $0 }
                #expect(!texts.isEmpty, "\(rule.id)")
                for name in texts.flatMap(DiagnosisValues.names) {
                    #expect(Self.isKnown(name), "\(rule.id): {\(name)}")
                }
            }
        }
    }

    @Test func everyCauseIsOneSentence() {
        for (place, text) in Self.sentences {
            #expect(text.hasSuffix("."), "\(place): \(text)")
            #expect(text.count <= 160, "\(place): \(text)")
            #expect(!text.dropLast().contains(". "), "\(place): \(text)")
        }
    }

    /// A cause that rests on what was not logged in so many words is called likely.
    @Test func whatIsGuessedIsCalledLikely() throws {
        let guesses = [
            "instance-absent", "endpoint-unreachable", "permission-denied", "no-log", "storage-creating",
            "script-running", "storage-waiting", "packages-unreachable", "logging-off", "logs-silent",
            "static-bootstrap",
        ]
        let rules = try #require(WaitRegister.shared).rules
        for id in guesses {
            let rule = try #require(rules.first { $0.id == id })
            #expect(rule.cause.contains("likely"), "\(id)")
        }
    }

    @Test func aCommandThatChangesSomethingSaysSo() {
        // Everything else changes something, or is not known to change nothing.
        let reading = [
            "pcluster describe-", "pcluster list-", "pcluster get-", "pcluster ssh ", "aws sts get-caller-identity",
            "aws cloudtrail lookup-events", "aws dynamodb list-tables", "aws kms list-aliases",
            "aws service-quotas list-", "aws ec2 describe-", "aws ec2 get-console-output", "aws fsx describe-",
            "aws efs describe-", "aws logs describe-", "aws cloudformation describe-",
        ]
        var changing = 0
        for (place, step) in Self.steps {
            guard let run = step.run else {
                #expect(step.say?.hasPrefix("pcluster ") != true && step.say?.hasPrefix("aws ") != true, "\(place)")
                continue
            }
            if reading.contains(where: run.hasPrefix) {
                #expect(step.changes == nil, "\(place): \(run)")
            } else {
                changing += 1
                #expect(step.changes?.isEmpty == false, "\(place): \(run)")
            }
        }
        #expect(changing >= 5)
    }

    @Test func remoteCommandsOnlyLook() {
        for (place, step) in Self.steps {
            guard let run = step.run, run.hasPrefix("pcluster ssh ") else { continue }
            let remote = run.split(separator: "'").dropFirst().first.map(String.init) ?? ""
            #expect(
                ["sudo tail -n ", "df -h", "ps -ef"].contains(where: remote.hasPrefix) && !remote.contains(";")
                    && !remote.contains(">"), "\(place): \(remote)")
        }
    }

    @Test func everyCommandNamesItsRegion() {
        for (place, step) in Self.steps {
            guard let run = step.run, run != "aws sts get-caller-identity" else { continue }
            #expect(run.contains("-r {region}") || run.contains("--region {region}"), "\(place): \(run)")
        }
    }

    @Test func everyRuleHasAStepThatNeedsNoLogAndNoInstance() throws {
        var values = DiagnosisValues()
        for name in ["cluster", "region", "logical-id", "type", "status", "deed", "remaining"] { values[name] = "x" }
        for rule in try #require(WaitRegister.shared).rules {
            #expect(rule.next.contains { $0.text(values) != nil }, "\(rule.id)")
        }
        for entry in try #require(FailureCodes.shared).codes {
            #expect(((entry.hints ?? []) + entry.next).contains { $0.text(values) != nil }, "\(entry.code)")
        }
    }
}
