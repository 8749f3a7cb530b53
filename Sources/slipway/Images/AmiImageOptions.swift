import ArgumentParser
import Fleet
import Foundation
import ImageBuild
import Upstream

/// What can be said of the image that is made of a build.
struct AmiImageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The image's name; the template's and the build's without it.", valueName: "name"))
    var imageName: String?

    @Option(help: ArgumentHelp("The EC2 instance that builds; without it the machine is asked.", valueName: "i-..."))
    var instance: String?

    @Option(help: "The region of the instance; without it the machine is asked.")
    var region: String?

    @Flag(help: "Restart a builder for its image. Without it the image is made of the running machine, after `sync`.")
    var reboot = false

    @Option(help: "The aws command.")
    var aws: String?

    @Option(help: "The AWS profile.")
    var profile: String?

    func validate() throws {
        if let imageName, let fault = ImageName.fault(imageName) { throw ValidationError(fault) }
        if let instance, !AwsProgram.isInstance(instance) {
            throw ValidationError("--instance takes an id such as i-0123456789abcdef0.")
        }
        if let region, !AwsProgram.isRegion(region) {
            throw ValidationError("--region takes a region such as us-east-1.")
        }
    }

    var isEmpty: Bool {
        imageName == nil && instance == nil && region == nil && !reboot && aws == nil && profile == nil
    }

    /// - Parameter host: the builder; nil for this machine, which a restart would end with all that it does.
    func check(host: String?) throws(ValidationError) {
        if reboot, host == nil {
            throw ValidationError("--reboot is for a builder (--on): it would restart this machine.")
        }
    }

    /// - Parameters:
    ///   - name: the one that was asked for before.
    ///   - wish: what an earlier command has found out; what is said now comes first.
    private func order(name: String?, _ wish: ImageWish?) -> ImageOrder {
        let environment = ProcessInfo.processInfo.environment
        return ImageOrder(
            name: imageName ?? name, instance: instance ?? wish?.instance, region: region ?? wish?.region,
            usualRegion: [environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]].lazy.compactMap { $0 }
                .first { !$0.isEmpty },
            reboots: reboot || wish?.reboots == true)
    }

    /// Whoever goes on with the image may stand in another folder.
    private var program: String? { aws.map { $0.contains("/") ? URL(fileURLWithPath: $0).path : $0 } }

    /// Looks whether the image can be made, without making anything.
    func prepare(
        template: String, build: String? = nil, name: String? = nil, wish: ImageWish? = nil, host: String?
    ) async throws -> ImageWish {
        do throws(UpstreamProblem) {
            let maker = ImageSources.maker(program: program ?? wish?.program, profile: profile ?? wish?.profile)
            return try await maker.prepare(
                order(name: name, wish), template: template, build: build, on: ImageSources.machine(host))
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension ImageSources {
    static func maker(program: String?, profile: String?) -> ImageMaker {
        let time = TimeSource.system
        return ImageMaker(
            aws: AwsProgram(program: program ?? "aws", profile: profile, commands: SubprocessDoor(time: time)),
            time: time)
    }

    /// - Parameter host: the builder; nil for this machine.
    static func machine(_ host: String?) -> BuilderMachine {
        let time = TimeSource.system
        return BuilderMachine(
            line: host.map { SSHLine(host: $0) }, commands: SubprocessDoor(time: time), time: time)
    }
}
