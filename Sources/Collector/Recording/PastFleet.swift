import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The fleet as it was, for going back on the screen: in what is kept on this machine, which may grow meanwhile, or in a recording.
public actor PastFleet {
    private enum Place {
        case folder(String)
        case recording
    }

    private let place: Place
    private var reader: RecordingReader?
    private var trouble: RecordingProblem?

    /// What the recorder of `RecordingStore.folder` keeps, whichever process writes it.
    public init(folder: String) { place = .folder(folder) }

    public init(_ recording: Recording) {
        place = .recording
        reader = RecordingReader(recording)
    }

    /// What of the last answer was not as it was, or why there was none: a sentence of what is wrong, and one of what to do.
    public var notice: String? { trouble?.description }

    /// The fleet at an instant.
    public struct Look: Sendable {
        public var snapshot: Snapshot
        /// How far back and on one can go.
        public var range: ClosedRange<Date>
        /// The stretch around the instant in which nothing was recorded; nil when something was.
        public var gap: ClosedRange<Date>?
    }

    /// The fleet at an instant; nil when nothing is kept, or nothing can be read.
    public func past(at date: Date) -> Look? {
        guard let recording = refresh() else { return nil }
        return look(at: date, in: recording)
    }

    /// The fleet so many changes after an instant, or before it where the number is negative. Where there are fewer, the furthest of them;
    /// where there are none, the fleet at that instant.
    public func past(change count: Int, from date: Date) -> Look? {
        guard let recording = refresh() else { return nil }
        var target = date
        for _ in 0..<min(count.magnitude, 1000) {
            let next = count > 0 ? recording.next(after: target) : recording.previous(before: target)
            guard let next else { break }
            target = next
        }
        return look(at: target, in: recording)
    }

    private func look(at date: Date, in recording: Recording) -> Look? {
        do throws(RecordingProblem) {
            guard let look = try reader?.look(at: date) else { return nil }
            trouble = look.trouble
            let at = look.snapshot.at
            return Look(snapshot: look.snapshot, range: recording.range, gap: recording.gap(at: at))
        } catch {
            trouble = error
            return nil
        }
    }

    /// The files that are there now.
    private func refresh() -> Recording? {
        guard case .folder(let folder) = place else { return reader?.recording }
        do throws(RecordingProblem) {
            let recording = try Recording(folder: folder, known: reader?.recording.files ?? [])
            if reader == nil { reader = RecordingReader(recording) } else { reader?.change(to: recording) }
            return recording
        } catch {
            trouble = Self.trouble(in: folder) ?? error
            reader = nil
            return nil
        }
    }

    /// Why nothing can be read in a folder that is there; nil when nothing was kept yet.
    private static func trouble(in folder: String) -> RecordingProblem? {
        guard let listing = opendir(folder) else {
            let reason = errno
            guard reason != ENOENT else { return nil }
            return RecordingProblem(
                "What is kept of earlier times in \(RecordingFile.name(folder)) cannot be read: \(String(cString: strerror(reason))).",
                advice: "Check that folder and its permissions.")
        }
        closedir(listing)
        // The newest tells most of what is wrong now.
        guard let newest = RecordingStore.segments(in: folder).last else { return nil }
        do throws(RecordingProblem) {
            _ = try RecordingFile(path: newest)
            return nil
        } catch {
            return RecordingProblem(
                error.sentence,
                advice: "Nothing before now can be shown; check the files in its folder and their permissions.")
        }
    }
}
