import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An image as `pcluster list-images` and `describe-image` give it. What is missing is nil. Source: wire-formats 2.7.
struct WireImage: Decodable, Sendable, Equatable {
    var imageID: String
    var region: String?
    /// BUILD_IN_PROGRESS, BUILD_FAILED, BUILD_COMPLETE, DELETE_…
    var status: String
    /// PENDING, CREATING, BUILDING, TESTING, DISTRIBUTING, …
    var builderStatus: String?
    var reason: String?
    var stackReason: String?
    var createdAt: Date?
    var amiID: String?
    var amiName: String?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: StateKey.self)
        guard let id = fields.text("imageId", limit: 140) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no image"))
        }
        imageID = id
        region = fields.text("region", limit: 60)
        status = fields.text("imageBuildStatus", limit: 60) ?? ""
        builderStatus = fields.text("imagebuilderImageStatus", limit: 60)
        reason = fields.text("imagebuilderImageStatusReason", limit: 300)
        stackReason = fields.text("cloudformationStackStatusReason", limit: 300)
        createdAt = fields.time("cloudformationStackCreationTime") ?? fields.time("creationTime")
        let ami = try? fields.nestedContainer(keyedBy: StateKey.self, forKey: StateKey("ec2AmiInfo"))
        amiID = ami?.text("amiId", limit: 80)
        amiName = ami?.text("amiName", limit: 140)
    }

    /// A page of `list-images`.
    struct Page: Decodable, Sendable {
        var images: [WireImage]
        var next: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: StateKey.self)
            let elements = try fields.decode([StateElement<WireImage>].self, forKey: StateKey("images"))
            images = elements.compactMap(\.value)
            next = fields.text("nextToken", limit: 4000)
        }
    }
}

/// A step of an image's stack.
struct WireStackEvent: Decodable, Sendable, Equatable {
    var resource: String
    var type: String
    var status: String
    var reason: String?
    var at: Date

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: StateKey.self)
        guard let resource = fields.text("logicalResourceId", limit: 140), let at = fields.time("timestamp") else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no event"))
        }
        self.resource = resource
        self.at = at
        type = fields.text("resourceType", limit: 100) ?? ""
        status = fields.text("resourceStatus", limit: 60) ?? ""
        reason = fields.text("resourceStatusReason", limit: 300).map { SecretText.line($0) }
    }

    /// A page of `get-image-stack-events`, newest first.
    struct Page: Decodable, Sendable {
        var events: [WireStackEvent]
        var next: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: StateKey.self)
            let elements = try fields.decode([StateElement<WireStackEvent>].self, forKey: StateKey("events"))
            events = elements.compactMap(\.value)
            next = fields.text("nextToken", limit: 4000)
        }
    }

    /// The resources of a stack as steps, in the order in which they began.
    static func steps(_ events: [WireStackEvent], most: Int) -> [BuildStep] {
        var steps: [BuildStep] = []
        for event in events.sorted(by: { $0.at < $1.at }) where event.type != "AWS::CloudFormation::Stack" {
            var index = steps.firstIndex { $0.name == event.resource }
            if index == nil, steps.count < most {
                steps.append(BuildStep(name: event.resource, startedAt: event.at))
                index = steps.count - 1
            }
            guard let index else { continue }
            if event.status == "CREATE_COMPLETE" { steps[index].endedAt = event.at }
            if event.status == "CREATE_FAILED" {
                steps[index].endedAt = event.at
                steps[index].hasFailed = true
            }
        }
        return steps
    }

    /// Why the stack failed: the first failure that was not the consequence of another.
    static func cause(_ events: [WireStackEvent]) -> String? {
        events.sorted { $0.at < $1.at }.first {
            $0.status == "CREATE_FAILED" && !($0.reason?.lowercased().contains("cancelled") ?? true)
        }.map { "\($0.resource): \($0.reason ?? "it could not be created")" }
    }
}
