#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Something that happens in the sandbox's management cluster at its own date.
struct KordentStep: Sendable {
    enum Deed: Sendable {
        case write(KubeWrite.Deed)
        case event(KordentSighting)
    }

    let at: Date
    let deed: Deed
}

/// What a controller tells about an object: the first time it makes an event, each further time counts on.
struct KordentSighting: Sendable, Hashable {
    var namespace: String
    var apiVersion: String
    var kind: String
    var name: String
    var uid: String
    var type = "Normal"
    var reason: String
    var message: String
    var component: String
}
