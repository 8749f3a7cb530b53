import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why a deployment has failed, or will: the cause in one sentence, what speaks for it, and what to do.
struct DeploymentTrouble: Sendable {
    /// Seconds without a complete cluster after which a person is told: five minutes before the controller's thirty are over.
    static let warnAfter = DeploymentTrack.stallLimit - 300
    private static let signLimit = 6

    let reading: DeploymentReading
    let standing: DeploymentStanding
    let health: DeploymentHealth
    let services: DeploymentServices
    let advice: DeploymentAdvice

    /// What each prerequisite means when it does not hold; the message follows.
    private static let prerequisites: [String: String] = [
        "CredentialReady": "The credential is not ready",
        "TemplateReady": "The template is not valid",
        "HelmChartReady": "The chart of its template cannot be fetched",
        "ClusterDataSourceReady": "Its data source is not ready",
        "DataSourceReady": "Its data source is not ready",
        "ClusterAuthenticationReady": "Its authentication is not set up",
        "ClusterAuditPolicyReady": "Its audit policy is not set up",
        "PredeclaredSecretsExist": "A secret that it names does not exist",
        "ServicesReferencesValidation": "A service refers to something that does not exist",
        "ServicesDependencyValidation": "Its services depend on each other in a way that cannot be met",
    ]

    func diagnosis(_ state: Item.State, now: Date) -> Diagnosis? {
        switch state {
        case .failed: failed
        case .running where standing.isDeleting: nil
        case .running: risk(now: now)
        case .waiting, .done, .held, .unknown: nil
        }
    }

    // MARK: failed

    private var failed: Diagnosis {
        switch standing.failure {
        case .prerequisite(let type):
            return diagnosis(
                Self.prerequisites[type] ?? "\(type) does not hold", message: standing.message,
                first: prerequisiteSteps(type))
        case .release:
            return diagnosis(
                "Its chart could not be installed", message: standing.message,
                first: [advice.release, advice.controller])
        case .stalled:
            return diagnosis(
                "The cluster was not complete after \(DurationText.short(DeploymentTrack.stallLimit))",
                message: standing.message, first: [])
        case .reported, nil:
            return diagnosis("It says that it has failed", message: standing.message, first: [])
        }
    }

    private func prerequisiteSteps(_ type: String) -> [String] {
        switch type {
        case "CredentialReady": return [advice.credential].compactMap { $0 }
        case "TemplateReady", "HelmChartReady": return [advice.template].compactMap { $0 }
        case "ServicesReferencesValidation", "ServicesDependencyValidation": return [advice.services]
        default: return []
        }
    }

    // MARK: at risk

    /// Of what is still on its way only that calls a person which does not mend itself.
    private func risk(now: Date) -> Diagnosis? {
        if let failure = services.failures.first {
            return diagnosis("A service has failed", message: failure, first: [advice.services])
        }
        if let trouble = health.firstTrouble, let hint = TroubleHint.first(for: trouble), hint.isLasting {
            return diagnosis("\(standing.reached.rawValue) cannot go on", message: trouble, first: [])
        }
        guard let summary = reading.wire.condition(WireWords.summary), summary.isFalse,
            let since = summary.lastTransitionTime
        else { return nil }
        let taken = now.timeIntervalSince(since)
        guard taken >= Self.warnAfter else { return nil }
        return diagnosis(
            "The cluster is not complete after \(DurationText.short(taken)); "
                + "at \(DurationText.short(DeploymentTrack.stallLimit)) it counts as failed",
            message: health.firstTrouble ?? "", first: [])
    }

    // MARK: parts

    private func diagnosis(_ what: String, message: String, first: [String]) -> Diagnosis {
        let hint = ([message] + signs).lazy.compactMap { TroubleHint.first(for: $0) }.first
        var cause = what
        if !message.isEmpty { cause += ": \(Self.ended(message))" }
        if let hint { cause += " (\(hint.meaning))" }
        var next = hint.map { [$0.advice] } ?? []
        next += first + (hint?.steps ?? []).compactMap(step) + advice.steps(standing)
        var seen = Set<String>()
        return Diagnosis(
            cause: SafeText.line(cause, limit: 500) + ".", signs: signs,
            next: Array(next.filter { seen.insert($0).inserted }.prefix(Self.signLimit)))
    }

    private func step(_ step: TroubleHint.Step) -> String? {
        switch step {
        case .quota: advice.quota
        case .credential: advice.credential
        case .providerLogs: advice.providerLogs
        case .template: advice.template
        case .machines: advice.machines
        case .services: advice.services
        }
    }

    /// What is not healthy, services that failed, machines that failed, and the newest warnings.
    private var signs: [String] {
        var signs: [String] = []
        for line in health.lines where !line.isHealthy && line.name != "RemoteConnectionProbe" {
            let text = line.text.isEmpty ? line.parts.first ?? "not healthy" : line.text
            signs.append("\(line.name): \(text)")
        }
        signs += services.failures.prefix(2)
        for object in reading.tree.objects where object.state == .failed {
            signs.append("\(object.kind) \(object.name): \(object.text.isEmpty ? object.word : object.text)")
        }
        let warnings = reading.events.suffix(20).filter { $0.type == "Warning" }.suffix(2)
        signs = Array(signs.prefix(Self.signLimit - warnings.count))
        signs += warnings.map { "\($0.reason) \($0.object): \($0.message)" }
        return signs.map { SafeText.line($0, limit: 240) }
    }

    /// Without a full stop: the sentence gets its own.
    private static func ended(_ message: String) -> Substring {
        var text = message[...]
        while let last = text.last, last == "." || last == " " { text = text.dropLast() }
        return text
    }
}
