import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
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

    /// What of the last answer was not as it was, or why there was none.
    public var notice: String? { trouble?.description }

    /// The fleet at an instant and how far back and on one can go; nil when nothing is kept, or nothing can be read.
    public func past(at date: Date) -> (snapshot: Snapshot, range: ClosedRange<Date>)? {
        guard let recording = refresh() else { return nil }
        return look(at: date, in: recording)
    }

    /// The fleet so many changes after an instant, or before it where the number is negative. Where there are fewer, the furthest of them;
    /// where there are none, the fleet at that instant.
    public func past(change count: Int, from date: Date) -> (snapshot: Snapshot, range: ClosedRange<Date>)? {
        guard let recording = refresh() else { return nil }
        var target = date
        for _ in 0..<min(count.magnitude, 1000) {
            let next = count > 0 ? recording.next(after: target) : recording.previous(before: target)
            guard let next else { break }
            target = next
        }
        return look(at: target, in: recording)
    }

    private func look(at date: Date, in recording: Recording) -> (snapshot: Snapshot, range: ClosedRange<Date>)? {
        do throws(RecordingProblem) {
            guard let look = try reader?.look(at: date) else { return nil }
            trouble = look.trouble
            return (look.snapshot, recording.range)
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
            trouble = error
            reader = nil
            return nil
        }
    }
}
