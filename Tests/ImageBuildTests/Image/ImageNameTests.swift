import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ImageBuild

@Suite("Images as they are called and written down")
struct ImageNameTests {
    @Test(arguments: [
        ("gromacs (2026)/a_b@c's [x].1", "gromacs (2026)/a_b@c's [x].1"), ("a,b*c\u{1F600}d", "a-b-c-d"),
        ("--name", "name"), ("x", "image-x"), ("", "image-"), ("gromacs  ", "gromacs"),
        (String(repeating: "n", count: 300), String(repeating: "n", count: 128)),
    ])
    func aNameIsMadeValid(text: String, valid: String) {
        #expect(ImageName.valid(text) == valid)
        #expect(ImageName.fault(valid) == nil && (text == valid || ImageName.fault(text) != nil))
    }

    @Test func aLongTemplateDoesNotHideTheBuild() {
        let name = ImageName.usual(template: String(repeating: "t", count: 200), build: "20261121-1530-ab12")
        #expect(name.utf8.count == 128 && name.hasSuffix("-20261121-1530-ab12"))
        let request = BuildRequest(
            name: "my template", packages: ["zlib"], image: ImageWish(instance: "i-1", region: "r"))
        let record = request.record(now: ManualTime.start, chance: 0xAB12)
        #expect(record.imageName == "my template-20261120-2200-ab12" && record.region == "r")
        #expect(BuildRequest(name: "t", packages: ["zlib"]).record(now: ManualTime.start, chance: 1).imageName == nil)
    }

    @Test func whatWasWrittenBeforeCanStillBeRead() throws {
        let image = try FleetCoder.decoder().decode(
            BuildImage.self, from: Data(#"{"id": "ami-1", "state": "pending", "percent": 40}"#.utf8))
        #expect(image.id == "ami-1" && image.percent == 40 && image.wish == nil && image.activity == nil)
        let record = try FleetCoder.decoder().decode(
            BuildRecord.self, from: Data(#"{"id": "b", "name": "n", "origin": "slipway", "packages": []}"#.utf8))
        #expect(record.image == nil)
    }

    @Test func theScreenFollowsTheSnapshotAndSeesWhenNobodyLooks() throws {
        let wish = ImageWish(instance: "i-1", region: "eu-west-1")
        var image = ImageMaker.begun("starter-b-1", wish, now: ManualTime.start)
        (image.id, image.percent) = ("ami-1", 60)
        let known = KnownBuild(
            record: BuildRecord(
                id: "b-1", name: "starter", origin: .slipway, packages: ["zlib"], startedAt: ManualTime.start,
                imageName: "starter-b-1", image: wish),
            life: .ended(BuildEnd(status: 0, at: ManualTime.start)), image: image)
        var reading = BuildReading(known)
        reading.take(known, now: ManualTime.start)
        let log =
            "SLIPWAY_BUILD 1795212000 b-1 1\nSLIPWAY_BEGIN 1795212000 1/1 zlib\nSLIPWAY_END 1795212001 1/1 0 zlib\n"
            + "SLIPWAY_VERIFIED 1795212001 zlib\nSLIPWAY_OVER 1795212001 0\n"
        reading.take(
            .bytes(
                [UInt8](log.utf8), place: BuildPlace(offset: log.utf8.count), written: ManualTime.start, isPast: true),
            now: ManualTime.start)
        reading.finish(now: ManualTime.start)
        reading.advance(BuildMemory(), now: ManualTime.start)
        func item(_ seconds: Double) -> Item {
            ImageRules(source: SourceID("here"), place: "this machine").item(
                reading, memory: BuildMemory(), now: ManualTime.start.addingTimeInterval(seconds))
        }
        let now = item(20)
        #expect(
            now.word == "creating image" && now.progress?.percent == 98
                && now.attention(at: ManualTime.start, source: nil) == nil)
        guard case .image(let detail) = now.detail else { throw CancellationError() }
        #expect(detail.notices == ["image ami-1: 60% of its snapshot written"] && detail.region == "eu-west-1")
        let later = item(600)
        let attention = later.attention(at: ManualTime.start.addingTimeInterval(600), source: nil)
        #expect(attention?.reason.word == "silent", "\(String(describing: attention))")
    }
}
