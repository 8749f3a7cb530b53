import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Routes and verbs: what each question is answered with.
extension SandboxKubernetes {
    /// The largest body that is taken, in bytes, as the real server has it.
    private static let largestBody = 3 << 20

    func respond(to question: HTTPQuestion, user: KubeUser) throws(KubeRefusal) -> HTTPReply {
        let asked = KubeQuestion(question)
        if ["healthz", "readyz", "livez"].contains(asked.path.first ?? "") { return Self.text("ok") }
        let discovery = KubeDiscovery(resources: store.shelves.values.map(\.resource))
        if let answer = discovery.answer(to: asked.path) { return Self.reply(answer) }
        guard let place = asked.place else { return Self.text("404 page not found\n", status: 404) }
        if place.group == KubeDiscovery.authorization {
            guard place.plural == "selfsubjectaccessreviews", asked.method == "POST" else { throw .noSuchResource }
            try Self.check(question, speaks: ["application/json"])
            return Self.reply(try review(body(of: question), by: user), status: 201)
        }
        let (resource, verb) = try admit(asked, place, user)
        switch verb {
        case "list":
            let selector = try KubeFilter(
                labels: asked.text("labelSelector"), fields: asked.text("fieldSelector"), of: resource)
            let page = try KubePage(asked, namespace: place.namespace, selector: selector)
            guard let shelf = store.shelves[resource.name] else { throw .noSuchResource }
            return Self.reply(try page.body(of: shelf, current: store.revision))
        case "get": return Self.reply(try entry(place, resource).text + Data("\n".utf8))
        default:
            var draft = store
            let reply = try write(question, asked, place, resource, verb: verb, to: &draft)
            if asked.text("dryRun").isEmpty { store = draft }
            return reply
        }
    }

    /// A watch, if the user may have it.
    func watcher(
        for asked: KubeQuestion, user: KubeUser, longest: Double, patience: Double
    ) throws(KubeRefusal) -> KubeWatcher {
        guard let place = asked.place else { throw .noSuchResource }
        let (resource, verb) = try admit(asked, place, user)
        guard verb == "watch", let shelf = store.shelves[resource.name] else { throw .noSuchVerb }
        let selector = try KubeFilter(
            labels: asked.text("labelSelector"), fields: asked.text("fieldSelector"), of: resource)
        return try KubeWatcher(
            asked, on: shelf, namespace: place.namespace, selector: selector, current: store.revision,
            uptime: time.uptime(), longest: longest, patience: patience)
    }

    // MARK: rights

    /// The type and the verb of a question that its user may ask. Rights come before existence, as in the real server.
    private func admit(
        _ asked: KubeQuestion, _ place: KubeQuestion.Place, _ user: KubeUser
    ) throws(KubeRefusal) -> (KubeType, String) {
        let verb =
            switch asked.method {
            case "GET": place.name.isEmpty ? (asked.flag("watch") ? "watch" : "list") : "get"
            case "POST": "create"
            case "PUT": "update"
            case "PATCH": "patch"
            case "DELETE": place.name.isEmpty ? "deletecollection" : "delete"
            default: ""
            }
        let qualified = place.group.isEmpty ? place.plural : "\(place.plural).\(place.group)"
        let part = place.part.isEmpty ? "" : "/\(place.part)"
        // A namespace counts as being in itself.
        let namespace = qualified == "namespaces" ? place.name : place.namespace
        guard user.may(verb, qualified + part, in: namespace) else {
            let what = place.name.isEmpty ? qualified : "\(qualified) \"\(place.name)\""
            let extent = namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(namespace)\""
            var details: JSONValue = ["kind": .text(place.plural)]
            if !place.name.isEmpty { details["name"] = .text(place.name) }
            if !place.group.isEmpty { details["group"] = .text(place.group) }
            throw KubeRefusal(
                code: 403, reason: "Forbidden",
                message:
                    "\(what) is forbidden: User \"\(user.name)\" cannot \(verb) resource \"\(place.plural)\(part)\" "
                    + "in API group \"\(place.group)\" \(extent)",
                details: details)
        }
        guard let resource = store.shelves[qualified]?.resource, resource.version == place.version,
            place.part.isEmpty || (place.part == "status" && resource.hasStatus),
            resource.isNamespaced || place.namespace.isEmpty
        else { throw .noSuchResource }
        let isWhole = place.name.isEmpty
        guard ["get", "list", "watch", "create", "update", "patch", "delete"].contains(verb),
            isWhole == ["list", "watch", "create"].contains(verb),
            !(resource.isNamespaced && place.namespace.isEmpty && !["list", "watch"].contains(verb)),
            place.part.isEmpty || ["get", "update", "patch"].contains(verb)
        else { throw .noSuchVerb }
        return (resource, verb)
    }

    /// What the user may do, as `kubectl auth can-i` asks it.
    private func review(_ body: JSONValue, by user: KubeUser) -> JSONValue {
        var answer = body
        let asked = body.at("spec", "resourceAttributes")
        let group = asked?["group"]?.text ?? ""
        let part = asked?["subresource"]?.text ?? ""
        let plural = asked?["resource"]?.text ?? ""
        let resource = (group.isEmpty ? plural : "\(plural).\(group)") + (part.isEmpty ? "" : "/\(part)")
        // Paths that are no objects may be read by everybody who is known.
        let isAllowed =
            asked.map { user.may($0["verb"]?.text ?? "", resource, in: $0["namespace"]?.text ?? "") }
            ?? (body.at("spec", "nonResourceAttributes", "verb")?.text == "get")
        answer["kind"] = "SelfSubjectAccessReview"
        answer["apiVersion"] = "authorization.k8s.io/v1"
        answer["metadata"] = ["creationTimestamp": .null]
        answer["status"] = ["allowed": .bool(isAllowed)]
        if isAllowed { answer["status"]?["reason"] = "RBAC: allowed by the sandbox's rules" }
        return answer
    }

    // MARK: objects

    private func entry(_ place: KubeQuestion.Place, _ resource: KubeType) throws(KubeRefusal) -> KubeEntry {
        guard let entry = store.shelves[resource.name]?.entries[Self.key(place)] else {
            throw .notFound(resource, place.name)
        }
        return entry
    }

    private static func key(_ place: KubeQuestion.Place) -> KubeEntry.Key {
        KubeEntry.Key(namespace: place.namespace, name: place.name)
    }

    private func write(
        _ question: HTTPQuestion, _ asked: KubeQuestion, _ place: KubeQuestion.Place, _ resource: KubeType,
        verb: String, to store: inout KubeStore
    ) throws(KubeRefusal) -> HTTPReply {
        let now = time.now()
        switch verb {
        case "create":
            try Self.check(question, speaks: ["application/json"])
            let object = try object(of: question, place, resource)
            if let version = object.at("metadata", "resourceVersion")?.text, !version.isEmpty {
                throw .bad("resourceVersion should not be set on objects to be created")
            }
            var draft = object
            // The status of a new object is its controller's to write, and these are the server's.
            if resource.hasStatus { draft["status"] = nil }
            for own in ["uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"] {
                draft["metadata"]?[own] = nil
            }
            let made = try store.create(draft, of: resource, in: place.namespace, at: now)
            return Self.reply(made.text + Data("\n".utf8), status: 201)
        case "update":
            try Self.check(question, speaks: ["application/json"])
            let object = try object(of: question, place, resource)
            let old = try entry(place, resource)
            return try replaced(old, with: object, place, resource, in: &store)
        case "patch":
            let strategic = resource.isBuiltIn ? ["application/strategic-merge-patch+json"] : []
            try Self.check(question, speaks: ["application/merge-patch+json"] + strategic)
            let old = try entry(place, resource)
            return try replaced(old, with: old.value.merged(with: body(of: question)), place, resource, in: &store)
        default:
            return try deleted(question, place, resource, in: &store)
        }
    }

    /// Writes the part of an object that the question is about: its status alone, or all but its status.
    private func replaced(
        _ old: KubeEntry, with object: JSONValue, _ place: KubeQuestion.Place, _ resource: KubeType,
        in store: inout KubeStore
    ) throws(KubeRefusal) -> HTTPReply {
        var object = object
        if place.part == "status" {
            var whole = old.value
            whole["status"] = object["status"]
            whole["metadata"]?["resourceVersion"] = object.at("metadata", "resourceVersion")
            object = whole
        } else if resource.hasStatus {
            object["status"] = old.value["status"]
        }
        if place.part.isEmpty, let name = object.at("metadata", "name")?.text, name != place.name {
            throw .bad("the name of the object (\(name)) does not match the name on the URL (\(place.name))")
        }
        let kept = try store.replace(Self.key(place), with: object, of: resource, at: time.now())
        // Of an object that has gone with its last finalizer, the state that was asked for is the last one.
        return kept.map { Self.reply($0.text + Data("\n".utf8)) } ?? Self.reply(object)
    }

    private func deleted(
        _ question: HTTPQuestion, _ place: KubeQuestion.Place, _ resource: KubeType, in store: inout KubeStore
    ) throws(KubeRefusal) -> HTTPReply {
        let old = try entry(place, resource)
        let options = question.body?.isEmpty == false ? try body(of: question) : [:]
        for field in ["uid", "resourceVersion"] {
            if let wanted = options.at("preconditions", field), wanted != old.value.at("metadata", field) {
                throw .conflict(resource, place.name)
            }
        }
        let policy = options["propagationPolicy"]?.text ?? KubeQuestion(question).text("propagationPolicy")
        if let kept = try store.delete(
            Self.key(place), of: resource, orphaning: policy == "Orphan", at: time.now())
        {
            return Self.reply(kept.text + Data("\n".utf8))
        }
        var details: JSONValue = [
            "name": .text(place.name), "kind": .text(resource.plural),
            "uid": old.value.at("metadata", "uid") ?? .null,
        ]
        if !resource.group.isEmpty { details["group"] = .text(resource.group) }
        return Self.reply([
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details,
        ])
    }

    // MARK: bodies

    /// Refuses a body that says it is something else; no word at all counts as JSON. Protobuf, which `kubectl` from 1.32 on takes
    /// for what is built in, is not read here.
    private static func check(_ question: HTTPQuestion, speaks accepted: [String]) throws(KubeRefusal) {
        guard let kind = question.headers.first(where: { $0.key.lowercased() == "content-type" })?.value,
            !accepted.contains(where: { kind.hasPrefix($0) })
        else { return }
        throw KubeRefusal(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    private func body(of question: HTTPQuestion) throws(KubeRefusal) -> JSONValue {
        let data = question.body ?? Data()
        guard data.count <= Self.largestBody else {
            throw KubeRefusal(
                code: 413, reason: "RequestEntityTooLarge",
                message: "Request entity too large: limit is \(Self.largestBody)")
        }
        guard let body = JSONValue(data), body.object != nil else {
            throw .bad(
                "the object provided is unrecognized (must be of type object): couldn't get version/kind; json parse error"
            )
        }
        return body
    }

    /// A body that is an object of this type and belongs to this namespace.
    private func object(
        of question: HTTPQuestion, _ place: KubeQuestion.Place, _ resource: KubeType
    ) throws(KubeRefusal) -> JSONValue {
        let object = try body(of: question)
        let kind = object["kind"]?.text ?? resource.kind
        let version = object["apiVersion"]?.text ?? resource.apiVersion
        guard kind == resource.kind, version == resource.apiVersion else {
            throw .bad("\(kind) in version \"\(version)\" cannot be handled as a \(resource.kind)")
        }
        let namespace = object.at("metadata", "namespace")?.text ?? place.namespace
        guard namespace.isEmpty || namespace == place.namespace else {
            throw .bad("the namespace of the provided object does not match the namespace sent on the request")
        }
        return object
    }
}
