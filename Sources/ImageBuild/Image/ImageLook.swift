import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a look at AWS changes in what is known of an image. Pure.
extension BuildImage {
    private static let gone: Set = ["failed", "error", "invalid", "deregistered"]

    /// - Parameter snapshot: how much of its snapshot is written, 0 to 100; nil where that is not known.
    mutating func take(_ machine: WireMachineImage, snapshot: Int?, now: Date) {
        guard state == .pending else { return }
        id = machine.id.map { SafeText.line($0, limit: 40) } ?? id
        seenAt = now
        trouble = nil
        switch machine.state {
        case "available":
            state = .available
            percent = 100
            endedAt = now
        case let word? where Self.gone.contains(word):
            let reason = machine.reason.map { SecretText.line($0, limit: 300) } ?? ""
            let sentence = "AWS could not make the image: " + (reason.isEmpty ? "it says only \(word)." : reason)
            fail(sentence, next: [look].compactMap { $0 }, now: now)
        default:
            // Pending has not ended, whatever its snapshot says; and what was shown is not taken back.
            percent = max(percent ?? 0, min(99, snapshot ?? 0))
        }
    }

    mutating func fail(_ sentence: String, next: [String], now: Date) {
        state = .failed
        failure = sentence
        self.next = next
        endedAt = now
    }

    /// The command that shows what AWS knows of it.
    private var look: String? {
        guard let id, let region else { return nil }
        return "aws ec2 describe-images --image-ids \(ShellText.word(id)) --region \(ShellText.word(region))"
    }

    /// What is being done, while Slipway makes it: `image ami-1: 43% of its snapshot written`.
    var activity: String? {
        guard state == .pending, wish != nil else { return nil }
        guard let id else {
            return "image \(SafeText.line(name ?? "of this build", limit: 128)): asking AWS to make it"
        }
        return "image \(id): \(percent ?? 0)% of its snapshot written"
    }
}
