import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The conditions of a deployment, and how kcm makes Ready of them.
struct KordentConditions: Sendable {
    private struct Condition {
        var type: String
        var status: String
        var reason: String
        var message: String
        var changed: Date
    }

    private static let prerequisites = ["CredentialReady", "TemplateReady", "HelmChartReady", "HelmReleaseReady"]
    /// Seconds for which the infrastructure may be incomplete before that is an error.
    static let patience: Double = 1800

    /// Whether this kcm knows only Failed for Ready=False.
    let isOutdated: Bool
    /// Whether Ready is told before the cluster was looked at.
    let isEager: Bool
    private var all: [Condition] = []

    init(isOutdated: Bool = false, isEager: Bool = false) {
        self.isOutdated = isOutdated
        self.isEager = isEager
    }

    mutating func set(_ type: String, _ status: String, _ reason: String, _ message: String = "", at date: Date) {
        guard let index = all.firstIndex(where: { $0.type == type }) else {
            all.append(Condition(type: type, status: status, reason: reason, message: message, changed: date))
            return
        }
        // The time is that of the last change of status; of Ready also that of its turn from Progressing to Failed.
        if all[index].status != status || (type == "Ready" && all[index].reason != reason) { all[index].changed = date }
        all[index].status = status
        all[index].reason = reason
        all[index].message = message
    }

    /// Ready as it follows from the others: errors, then warnings, then what is not known.
    mutating func aggregate(at date: Date) {
        let broken = all.filter { Self.prerequisites.contains($0.type) && $0.status == "False" }
        let summary = all.first { $0.type == "CAPIClusterSummary" }
        let services = all.first { $0.type == "ServicesInReadyState" }
        let isOpen = all.contains { Self.prerequisites.contains($0.type) && $0.status == "Unknown" }
        if !broken.isEmpty {
            set("Ready", "False", "Failed", broken.map(\.message).joined(separator: ". "), at: date)
        } else if let summary, summary.status == "False" {
            let isLate = date.timeIntervalSince(summary.changed) > Self.patience
            let prefix = isLate ? "Cluster is not ready. Check the provider logs for more details.\n" : ""
            set("Ready", "False", isLate || isOutdated ? "Failed" : "Progressing", prefix + summary.message, at: date)
        } else if let services, services.status == "False" {
            set(
                "Ready", "False", isOutdated ? "Failed" : "Progressing", "\(services.message) Services are ready.",
                at: date)
        } else if isOpen || (summary == nil && !isEager) {
            set("Ready", "Unknown", "Progressing", at: date)
        } else {
            set("Ready", "True", "Succeeded", "Object is ready", at: date)
        }
    }

    /// - Parameter generation: the one that was observed.
    func json(generation: Int) -> JSONValue {
        .list(
            all.map {
                [
                    "type": .text($0.type), "status": .text($0.status), "reason": .text($0.reason),
                    "message": .text($0.message), "lastTransitionTime": .time($0.changed),
                    "observedGeneration": .whole(generation),
                ]
            })
    }
}
