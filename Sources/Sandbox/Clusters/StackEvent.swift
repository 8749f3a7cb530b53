/// One row of a stack's events.
struct StackEvent: Sendable {
    /// Seconds since the creation was asked for.
    let at: Double
    let logicalID: String
    let type: String
    let status: String
    var reason: String?
    /// Empty until the resource has begun to exist.
    var physicalID = ""
    var properties: String?

    static let stackType = "AWS::CloudFormation::Stack"
}
