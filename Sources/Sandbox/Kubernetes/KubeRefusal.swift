import Fleet
import Upstream

/// Why the API server does not do what it was asked: a `Status` object with the words of the real one.
struct KubeRefusal: Error {
    let code: Int
    /// `NotFound`, `Conflict`, …: the word that programs compare.
    let reason: String
    let message: String
    var details: JSONValue = [:]
    /// The token with which an expired list may go on, inconsistently.
    var proceed: String?

    var status: JSONValue {
        var metadata: JSONValue = [:]
        if let proceed { metadata["continue"] = .text(proceed) }
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure", "message": .text(message),
            "reason": .text(reason), "code": .whole(code),
        ]
        if details != [:] { status["details"] = details }
        return status
    }

    static let unauthorized = KubeRefusal(code: 401, reason: "Unauthorized", message: "Unauthorized")
    static let noSuchResource = KubeRefusal(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource")
    static let noSuchVerb = KubeRefusal(
        code: 405, reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource")

    static func bad(_ message: String) -> KubeRefusal { KubeRefusal(code: 400, reason: "BadRequest", message: message) }

    static func invalid(_ kind: String, _ name: String, field: String, _ text: String) -> KubeRefusal {
        KubeRefusal(
            code: 422, reason: "Invalid", message: "\(kind) \"\(name)\" is invalid: \(field): \(text)",
            details: ["name": .text(name), "causes": [["message": .text(text), "field": .text(field)]]])
    }

    static func notFound(_ resource: KubeType, _ name: String) -> KubeRefusal {
        KubeRefusal(
            code: 404, reason: "NotFound", message: "\(resource.name) \"\(name)\" not found",
            details: about(resource, name))
    }

    static func alreadyExists(_ resource: KubeType, _ name: String) -> KubeRefusal {
        KubeRefusal(
            code: 409, reason: "AlreadyExists", message: "\(resource.name) \"\(name)\" already exists",
            details: about(resource, name))
    }

    static func conflict(_ resource: KubeType, _ name: String) -> KubeRefusal {
        KubeRefusal(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(resource.name) \"\(name)\": the object has been modified; "
                + "please apply your changes to the latest version and try again",
            details: about(resource, name))
    }

    static func tooLarge(_ revision: Int, current: Int) -> KubeRefusal {
        KubeRefusal(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(revision), current: \(current)",
            details: [
                "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                "retryAfterSeconds": 1,
            ])
    }

    static func expired(_ message: String, proceed: String? = nil) -> KubeRefusal {
        KubeRefusal(code: 410, reason: "Expired", message: message, proceed: proceed)
    }

    private static func about(_ resource: KubeType, _ name: String) -> JSONValue {
        var details: JSONValue = ["name": .text(name), "kind": .text(resource.plural)]
        if !resource.group.isEmpty { details["group"] = .text(resource.group) }
        return details
    }
}
