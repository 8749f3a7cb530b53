/// Which machine an image is made of, and how. It is written down with the build, so that whoever comes back can go on.
public struct ImageWish: Codable, Sendable, Equatable {
    /// The EC2 instance on which the packages are: `i-…`.
    public var instance: String
    public var region: String
    /// The AWS profile; nil for the environment's.
    public var profile: String?
    /// The `aws` that is run; nil for the one in `PATH`.
    public var program: String?
    /// Whether EC2 restarts the machine for it; nil for no. Without that the disk is taken as it is after `sync`.
    public var reboots: Bool?

    public init(
        instance: String, region: String, profile: String? = nil, program: String? = nil, reboots: Bool? = nil
    ) {
        self.instance = instance
        self.region = region
        self.profile = profile
        self.program = program
        self.reboots = reboots
    }
}

/// What a person has said of an image that is to be made. What is nil is found out.
public struct ImageOrder: Sendable, Equatable {
    public var name: String?
    public var instance: String?
    public var region: String?
    /// Where an instance that was named is, if nothing else says it: `AWS_REGION`.
    public var usualRegion: String?
    public var reboots: Bool

    public init(
        name: String? = nil, instance: String? = nil, region: String? = nil, usualRegion: String? = nil,
        reboots: Bool = false
    ) {
        self.name = name
        self.instance = instance
        self.region = region
        self.usualRegion = usualRegion
        self.reboots = reboots
    }
}
