import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes an image of the machine that has built, through `aws`, and follows it. Whatever ends in between, doing it again makes no second
/// image: its name is looked for first, and EC2 gives a name only once.
public struct ImageMaker: Sendable {
    /// Seconds between two looks, and after which a pending image is no longer waited for. Source: wire-formats 4.1.
    static let period: Double = 15
    static let limit: Double = 3600
    /// A request to make it is repeated so long, while AWS or the builder cannot be reached. Seconds.
    private static let patience: Double = 600
    /// Looks in which a new image may be missing: what was made is not known everywhere at once.
    private static let mostAbsent = 8
    /// Looks that may be refused for a reason that does not pass by itself.
    private static let mostRefused = 2
    /// The tag by which an image is known as a build's own.
    static let tag = "slipway:build"

    private let aws: AwsProgram
    private let time: TimeSource

    public init(aws: AwsProgram, time: TimeSource) {
        self.aws = aws
        self.time = time
    }

    // MARK: before the build

    /// Finds out of which instance the image will be made, and whether these credentials may do so: before a build that takes hours.
    /// Nothing is made or changed.
    ///
    /// - Parameters:
    ///   - build: the build's id, if it has one already: an image that it made before is no obstacle.
    /// - Throws: what is missing, and what to do.
    public func prepare(
        _ order: ImageOrder, template: String, build: String? = nil, on machine: BuilderMachine
    ) async throws(UpstreamProblem) -> ImageWish {
        if let name = order.name, let fault = ImageName.fault(name) {
            throw UpstreamProblem(.misconfigured, fault, advice: "Correct --image-name.")
        }
        let identity = try await identity(order, machine)
        let wish = ImageWish(
            instance: identity.instance, region: identity.region, profile: aws.profile,
            program: aws.program == "aws" ? nil : aws.program, reboots: order.reboots ? true : nil)
        if case .refused(let refusal) = try await aws.run(["sts", "get-caller-identity"], region: wish.region) {
            throw refusal.problem(region: wish.region)
        }
        if order.instance != nil { try await check(wish) }
        let name = order.name ?? ImageName.usual(template: template, build: build ?? "slipway")
        if let holder = try await holder(of: name, region: wish.region), build == nil || holder.tags[Self.tag] != build
        {
            throw Self.taken(name, holder, wish)
        }
        let words = Self.creation(name, of: build ?? "slipway", template: template, wish: wish) + ["--dry-run"]
        if case .refused(let refusal) = try await aws.run(words, region: wish.region), !refusal.isDryRun {
            throw refusal.problem(region: wish.region)
        }
        return wish
    }

    private func identity(
        _ order: ImageOrder, _ machine: BuilderMachine
    ) async throws(UpstreamProblem) -> InstanceIdentity {
        if let instance = order.instance {
            guard AwsProgram.isInstance(instance) else {
                throw UpstreamProblem(
                    .misconfigured, "\(SafeText.line(instance, limit: 60)) is no instance.",
                    advice: "Give --instance an id such as i-0123456789abcdef0.")
            }
            if let region = order.region ?? order.usualRegion {
                return InstanceIdentity(instance: instance, region: region)
            }
            if let region = try await aws.configuredRegion() {
                return InstanceIdentity(instance: instance, region: region)
            }
            throw UpstreamProblem(
                .misconfigured, "Nothing says in which region \(instance) is.", advice: "Name it with --region.")
        }
        guard var found = try await machine.identity() else {
            let host = machine.line == nil ? "This machine" : machine.word
            throw UpstreamProblem(
                .misconfigured, "\(host) is no EC2 instance, so no image can be made of it.",
                advice:
                    "Name the instance with --instance and --region, build on one with --on, or leave out --create-image."
            )
        }
        found.region = order.region ?? found.region
        return found
    }

    /// Whether an instance that a person has named is there.
    private func check(_ wish: ImageWish) async throws(UpstreamProblem) {
        let words = ["ec2", "describe-instances", "--instance-ids", wish.instance]
        // Who may not look may still make an image: the trial below tells.
        guard case .refused(let refusal) = try await aws.run(words, region: wish.region), !refusal.isForbidden else {
            return
        }
        guard refusal.isAbsent else { throw refusal.problem(region: wish.region) }
        throw UpstreamProblem(
            .misconfigured, "There is no instance \(wish.instance) in \(wish.region).",
            advice: "Check --instance, --region and the profile.")
    }

    // MARK: making

    /// Makes the image of a build, or takes the one that an earlier Slipway has begun, and follows it to its end.
    ///
    /// - Parameters:
    ///   - name: as EC2 takes it (`ImageName`).
    ///   - known: what was written down of it before: an image that is on its way is only followed.
    ///   - tell: is given what is known after every step; it writes it down.
    /// - Returns: what became of it. An image that could not be made is `.failed`, with AWS's reason; one that is still `.pending` was
    ///   given up by cancelling.
    /// - Throws: what keeps an image that is being made from being followed.
    public func make(
        _ name: String, of build: BuildRecord, wish: ImageWish, known: BuildImage? = nil,
        on machine: BuilderMachine, tell: @Sendable (BuildImage) async -> Void
    ) async throws(UpstreamProblem) -> BuildImage {
        if let known, known.state == .pending, known.id != nil, known.name == name {
            return try await follow(known, tell: tell)
        }
        var image = Self.begun(name, wish, now: time.now())
        await tell(image)
        do throws(UpstreamProblem) {
            image.id = try await created(name, build, wish, machine)
        } catch {
            image.fail(error.sentence, next: [error.advice], now: time.now())
            await tell(image)
            return image
        }
        guard image.id != nil else { return image }
        await tell(image)
        return try await follow(image, tell: tell)
    }

    /// What is written down before AWS is asked, so that others know that somebody is at it.
    public static func begun(_ name: String, _ wish: ImageWish, now: Date) -> BuildImage {
        var image = BuildImage(name: name, state: .pending, percent: 0, startedAt: now)
        image.wish = wish
        image.seenAt = now
        return image
    }

    /// - Returns: the image's id; nil when it was given up by cancelling.
    private func created(
        _ name: String, _ build: BuildRecord, _ wish: ImageWish, _ machine: BuilderMachine
    ) async throws(UpstreamProblem) -> String? {
        let start = time.uptime()
        var isWritten = wish.reboots == true
        while true {
            do throws(UpstreamProblem) {
                if let holder = try await holder(of: name, region: wish.region) {
                    return try Self.adopted(holder, name, build, wish)
                }
                if !isWritten { try await machine.sync() }
                isWritten = true
                return try await create(name, build, wish)
            } catch {
                if Task.isCancelled { return nil }
                guard error.isPassing, time.uptime() - start < Self.patience else { throw error }
            }
            if (try? await time.sleep(Self.period)) == nil { return nil }
        }
    }

    private func create(_ name: String, _ build: BuildRecord, _ wish: ImageWish) async throws(UpstreamProblem) -> String
    {
        struct Made: Decodable {
            var id: String
            enum CodingKeys: String, CodingKey { case id = "ImageId" }
        }
        let words = Self.creation(name, of: build.id, template: build.template ?? build.name, wish: wish)
        switch try await aws.run(words, region: wish.region) {
        case .output(let bytes): return try aws.decode(Made.self, bytes).id
        case .refused(let refusal) where refusal.code == "InvalidAMIName.Duplicate":
            // An earlier request came through after all: it is found when AWS has told itself.
            throw UpstreamProblem(
                .cut, "AWS has an image \(name) already and does not show it yet.", advice: "It is looked for again.")
        case .refused(let refusal): throw refusal.problem(region: wish.region)
        }
    }

    /// The words that make it. A restart would end a build that runs there, so that there is none unless it was asked for.
    static func creation(_ name: String, of build: String, template: String, wish: ImageWish) -> [String] {
        struct Tag: Encodable {
            var key: String
            var value: String
            enum CodingKeys: String, CodingKey { case key = "Key", value = "Value" }
        }
        struct Tags: Encodable {
            var type: String
            var tags: [Tag]
            enum CodingKeys: String, CodingKey { case type = "ResourceType", tags = "Tags" }
        }
        let tags = [
            Tag(key: "Name", value: name), Tag(key: "ManagedBy", value: "slipway"),
            Tag(key: "TemplateName", value: SafeText.line(template, limit: 80)), Tag(key: tag, value: build),
        ]
        return [
            "ec2", "create-image", "--instance-id", wish.instance, "--name", name, "--description",
            "Made by Slipway of build \(build)", wish.reboots == true ? "--reboot" : "--no-reboot",
            "--tag-specifications",
            AwsProgram.json([Tags(type: "image", tags: tags), Tags(type: "snapshot", tags: tags)]),
        ]
    }

    // MARK: one name, one image

    /// Our own image of that name.
    private func holder(of name: String, region: String) async throws(UpstreamProblem) -> WireMachineImage? {
        let words = [
            "ec2", "describe-images", "--owners", "self", "--filters",
            AwsProgram.json([AwsProgram.Filter("name", name)]),
        ]
        return try await aws.ask(WireMachineImages.self, words, region: region).images.first { $0.name == name }
    }

    private static func adopted(
        _ holder: WireMachineImage, _ name: String, _ build: BuildRecord, _ wish: ImageWish
    ) throws(UpstreamProblem) -> String {
        guard holder.tags[tag] == build.id, let id = holder.id, holder.state == "available" || holder.state == "pending"
        else { throw taken(name, holder, wish) }
        return id
    }

    private static func taken(_ name: String, _ holder: WireMachineImage, _ wish: ImageWish) -> UpstreamProblem {
        let id = SafeText.line(holder.id ?? "-", limit: 40)
        let state = SafeText.line(holder.state ?? "there", limit: 20)
        return UpstreamProblem(
            .misconfigured, "The name \(name) is taken by the image \(id), which is \(state).",
            advice: "Give another name with --image-name, or remove that one with `aws ec2 deregister-image --image-id "
                + "\(ShellText.word(id)) --region \(ShellText.word(wish.region))`.")
    }

    /// The command that makes the image of a build once more.
    static func again(_ build: BuildRecord) -> String {
        let host = build.host.map { " --on \(ShellText.word($0))" } ?? ""
        return "slipway ami image \(ShellText.word(build.id))\(host)"
    }

    // MARK: following

    /// Follows an image that AWS makes until it is there or has failed. Its percent never falls.
    ///
    /// - Returns: as `make`.
    /// - Throws: what does not pass by itself; AWS goes on with the image all the same.
    public func follow(
        _ begun: BuildImage, tell: @Sendable (BuildImage) async -> Void
    ) async throws(UpstreamProblem) -> BuildImage {
        var image = begun
        let start = time.uptime()
        var absent = 0
        var refused = 0
        while image.state == .pending, let id = image.id, let region = image.region {
            var problem: UpstreamProblem?
            do throws(UpstreamProblem) {
                absent = try await look(&image, id, region) ? 0 : absent + 1
                refused = 0
            } catch {
                if Task.isCancelled { return image }
                refused += error.isPassing ? 0 : 1
                image.trouble = error.sentence
                problem = error
            }
            if absent >= Self.mostAbsent {
                image.fail(
                    "AWS does not know the image \(id) any more: somebody has removed it.", next: [], now: time.now())
            }
            await tell(image)
            if let problem, refused >= Self.mostRefused { throw problem }
            guard image.state == .pending else { break }
            guard time.uptime() - start < Self.limit else {
                throw UpstreamProblem(
                    .timedOut, "The image \(id) is not there after \(DurationText.short(Self.limit)).",
                    advice: "AWS goes on with it; `slipway ami watch` follows it further.")
            }
            if (try? await time.sleep(Self.period)) == nil { return image }
        }
        return image
    }

    /// - Returns: whether AWS knows the image.
    private func look(_ image: inout BuildImage, _ id: String, _ region: String) async throws(UpstreamProblem) -> Bool {
        let machine: WireMachineImage
        switch try await aws.run(["ec2", "describe-images", "--image-ids", id], region: region) {
        case .output(let bytes):
            guard let found = try aws.decode(WireMachineImages.self, bytes).images.first(where: { $0.id == id }) else {
                return false
            }
            machine = found
        case .refused(let refusal):
            guard refusal.isAbsent else { throw refusal.problem(region: region) }
            return false
        }
        var percent: Int?
        var trouble: String?
        if machine.state == "pending", let snapshot = machine.snapshot {
            do throws(UpstreamProblem) {
                percent = try await aws.ask(
                    WireSnapshots.self, ["ec2", "describe-snapshots", "--snapshot-ids", snapshot], region: region
                ).percent
            } catch {
                // The image is made all the same; only its percent is not known.
                trouble = error.sentence
            }
        }
        image.take(machine, snapshot: percent, now: time.now())
        image.trouble = trouble
        return true
    }
}

extension UpstreamProblem {
    /// Whether it may be over when it is tried again.
    var isPassing: Bool {
        switch reason {
        case .unreachable, .timedOut, .cut, .tooLarge: true
        case .untrusted, .status, .unreadable, .misconfigured: false
        }
    }
}
