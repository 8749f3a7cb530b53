import Foundation
import Testing
import Upstream

@testable import slipway

@Suite struct ConfigTests {
    @Test func oneLineIsAConfig() throws {
        let config = try ConfigReader.parse("metal: http://10.0.0.5:8080\n", file: "c")
        #expect(config.metal == [Config.Metal(name: "10.0.0.5:8080", url: "http://10.0.0.5:8080")])
    }

    @Test func everyKeyIsRead() throws {
        let config = try ConfigReader.parse(
            """
            metal:
              - url: https://pxe.example
                name: lab
                timezone: Europe/Berlin
                token: {file: /t}
                ca: /ca.pem
                limits: {installation: 2400}
              - http://other:8080
            theme: mono
            glyphs: ascii
            color: ansi16
            keys: {quit: [q, C-q]}
            allow-writes: true
            """, file: "c")
        #expect(config.metal.map(\.name) == ["lab", "other:8080"])
        #expect(config.metal[0].zone.identifier == "Europe/Berlin")
        #expect(config.metal[0].token == .file("/t"))
        #expect(config.metal[0].limits == ["installation": 2400])
        #expect(config.theme == "mono" && config.glyphs == .ascii && config.color == .ansi16 && config.allowWrites)
        #expect(config.keys == ["quit": ["q", "C-q"]])
    }

    @Test func aPoolIsReadWithEverythingThatAManagerNeeds() throws {
        let pool = try ConfigReader.parse(
            """
            pool:
              contexts: [training]
              clusters: [a1, a2, a1]
              minutes: 90
              templates: ~/templates
              ssh-user: root
              ssh-key: /k
              virtctl: /opt/virtctl
            """, file: "c"
        ).pool
        #expect(pool.map(\.clusters) == [["a1", "a2"]] && pool[0].life == 5400 && pool[0].user == "root")
        #expect(pool[0].templates == NSHomeDirectory() + "/templates" && pool[0].key == "/k")
        #expect(pool[0].virtctl == "/opt/virtctl")
        let plain = try ConfigReader.parse("pool: training", file: "c").pool
        #expect(plain.map(\.clusters) == [["cluster1", "cluster2", "cluster3"]] && plain[0].life == 3600)
    }

    @Test func buildersAreAListOrAnEntry() throws {
        #expect(try ConfigReader.parse("images: [ops@a, b]", file: "c").images.builders == ["ops@a", "b"])
        let images = try ConfigReader.parse(
            "images: {builders: ops@a, aws: /opt/aws, profile: ro, pcluster: false}", file: "c"
        ).images
        #expect(images.builders == ["ops@a"] && images.aws == "/opt/aws" && images.profile == "ro")
        #expect(!images.readsPcluster)
    }

    @Test func nothingIsAConfigToo() throws {
        #expect(try ConfigReader.parse("", file: "c") == Config())
        #expect(try ConfigReader.parse("# nothing\n", file: "c") == Config())
        #expect(try ConfigReader.parse(ConfigKey.template, file: "c") == Config())
    }

    @Test(arguments: [
        ("metal: nowhere", 1, "is not an address"), ("theme: mono\nmetals: x", 2, "there is no such key"),
        ("metal:\n  name: x", 2, "expected an address"),
        ("metal:\n  url: http://a\n  timezone: Mars", 3, "Europe/Berlin"),
        ("metal:\n  url: http://a\n  token: s3cret", 3, "{file: PATH}"), ("glyphs: fancy", 1, "auto, box, ascii"),
        ("allow-writes: perhaps", 1, "true or false"), ("keys:\n  quit: [nokey]", 2, "not a key"),
        ("metal: [http://a, http://a]", 1, "two entries"),
        ("metal: {url: http://a, limits: {installation: -1}}", 1, "above 0"),
        ("metal: {url: http://a, limits: {instalation: 9}}", 1, "no such phase"),
        ("metal: http://me:s3cret@a", 1, "…@a"),
        ("pool:\n  contexts: [a]\n  clusters: [ok, Bad_Name]", 3, "lower-case"),
        ("pool:\n  contexts: [a]\n  minutes: 0", 3, "1 to 10080"), ("pool: {clusters: [a]}", 1, "expected contexts"),
        ("images: [ops@a, ops@a]", 1, "is there twice"), ("images:\n  builder: a", 2, "no such key"),
        ("images: ['-oProxyCommand=x']", 1, "is no host"),
        ("a: b\n  c: [", 2, "not YAML"), ("- just\n- a list", 1, "key: value"),
    ])
    func whatIsWrongIsToldWithItsLine(yaml: String, line: Int, sentence: String) {
        do throws(ConfigProblems) {
            _ = try ConfigReader.parse(yaml, file: "c.yaml")
            Issue.record("it was taken")
        } catch {
            #expect(error.problems.first?.line == line, "\(error)")
            #expect(error.description.contains(sentence), "\(error)")
            #expect(error.description.hasPrefix("c.yaml:\(line): "))
            #expect(!error.description.contains("s3cret"))
        }
    }

    /// The tables of README are made from the registers.
    @Test func readmeTablesAreCurrent() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        #expect(readme.contains(KeysCommand.table), "run `slipway keys --markdown`")
        for key in ConfigKey.all {
            let row = "| `\(key.name)` | `\(key.example)` | \(key.meaning) |"
            #expect(readme.contains(row), "\(row)")
        }
        for status in ExitStatus.allCases {
            let row = "| \(status.rawValue) | \(status.meaning) |"
            #expect(readme.contains(row), "\(row)")
        }
    }
}
