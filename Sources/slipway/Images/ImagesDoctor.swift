import Fleet
import Foundation
import ImageBuild
import Upstream

/// What `slipway doctor` says of the places where images are built.
struct ImagesDoctor {
    let images: Config.Images
    let paths: Paths
    let time: TimeSource

    func findings() async -> [Finding] {
        var findings: [Finding] = []
        if images.readsThisMachine {
            findings.append(await place("image builds", ImageSources.local(paths, time: time)))
        }
        for host in images.builders {
            findings.append(await place("builder \(host)", ImageSources.remote(host, paths, time: time)))
        }
        if !images.folders.isEmpty {
            findings.append(await place("pctl builds", ImageSources.files(images, asksAws: false, time: time)))
            findings.append(await aws())
        }
        return findings
    }

    private func place(_ name: String, _ door: any BuildDoor) async -> Finding {
        do throws(UpstreamProblem) {
            let builds = try await door.builds()
            let running = builds.count { !$0.isOver }
            return Finding(
                name: name, state: .ok,
                says: (builds.count == 1 ? "1 build" : "\(builds.count) builds")
                    + (running > 0 ? ", \(running) running" : ""))
        } catch {
            return Finding(name: name, state: .bad, says: error.sentence, advice: error.advice)
        }
    }

    /// Without it pctl's builds are seen as their files tell them, which stand still while packages are installed.
    private func aws() async -> Finding {
        let advice = "Install the AWS command line, or name it: images: {aws: PATH}."
        do throws(CommandProblem) {
            let result = try await SubprocessDoor(time: time).run(
                Command(images.aws, ["--version"]), deadline: 10, limit: 4096)
            let says = SafeText.line(String(decoding: result.output, as: UTF8.self), limit: 60)
            guard result.status == 0 else {
                return Finding(
                    name: "aws", state: .note, says: "\(images.aws) ends with status \(result.status)", advice: advice)
            }
            return Finding(name: "aws", state: .ok, says: says)
        } catch {
            return Finding(
                name: "aws", state: .note, says: "\(images.aws) cannot be run; progress of pctl's builders is not read",
                advice: advice)
        }
    }
}
