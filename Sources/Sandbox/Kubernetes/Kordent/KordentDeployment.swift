#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One deployment of the sandbox: what it is made of, and how each of its lives goes.
struct KordentDeployment: Sendable {
    enum Fate: Sendable {
        /// Was created long ago and stays.
        case settled
        /// Only checked, not built.
        case dryRun
        /// Reconciliation was paused while the infrastructure was built.
        case paused
        /// Is created, works, is deleted, and is created anew.
        case steady
        /// Says that it is ready after eight seconds, before the cluster is looked at, and takes that back.
        case eager
        /// The infrastructure hangs for three quarters of an hour, then goes on.
        case stuck
        /// The credential is not ready.
        case noCredential
        /// One service first, then a MultiClusterService adds two.
        case growing
        /// One of its services cannot be installed.
        case failingService
        /// As steady, by a kcm that writes the reason Failed whenever Ready is False, as releases of November 2025 did.
        case outdated
    }

    /// Something that is installed into the cluster when it stands.
    struct Service: Sendable {
        var name: String
        var template: String
        var version: String

        static let ingress = Service(name: "ingress", template: "ingress-nginx-4-11-5", version: "4.11.5")
        static let certificates = Service(name: "cert-manager", template: "cert-manager-1-17-2", version: "1.17.2")
        static let metrics = Service(name: "kof-collectors", template: "kof-collectors-1-1-0", version: "1.1.0")
    }

    let namespace: String
    let name: String
    let provider: KordentProvider
    let fate: Fate
    var services: [Service] = [.ingress]
    var controlPlanes = 1
    var workers = 1
    /// Seconds since its present life began, when the demo's screen opens.
    let age: Double
    /// Seconds from one creation to the next; nil for what has one life only.
    var period: Double?
    /// Seconds from its creation until somebody deletes it.
    var deletedAfter: Double = 0
    /// Seconds that the deletion takes.
    var deletion: Double = 240

    /// What happens in a chapter: one of its lives, or, for what lives on, its creation and then an hour each.
    ///
    /// - Parameters:
    ///   - opening: when the demo's screen opens.
    ///   - number: 0 is the life in which the screen opens, or the creation of what has one life only.
    func chapter(_ number: Int, opening: Date, seed: UInt64) -> [KordentStep] {
        let life = period == nil ? 0 : number
        let began = opening.addingTimeInterval(Double(life) * (period ?? 0) - age)
        var script = KordentScript(of: self, life: life, began: began, seed: seed)
        guard period == nil, number > 0 else { return script.whole() }
        let hour = opening.addingTimeInterval(-2 * SandboxWorld.past + Double(number - 1) * 3600)
        return script.quietHour(from: hour, number: number)
    }

    /// The first chapter that reaches into the world's time.
    var firstChapter: Int {
        guard let period else { return 0 }
        return Int(((age - 2 * SandboxWorld.past) / period).rounded(.down))
    }
}
