import Fleet
import Foundation
import Upstream

/// Reads a log file on this machine and goes on as it grows: through rotation, truncation, deletion, and before it is there.
public struct LogFollower: Sendable {
    /// Bytes that are read at once.
    private static let portion = 64 << 10
    /// Seconds between two looks at a file that is open, and at the name that it had.
    private static let period = 0.1
    private static let looksPerName = 5

    private let path: String
    private let time: TimeSource
    private let isOver: @Sendable () async -> Bool

    /// - Parameters:
    ///   - path: an absolute path.
    ///   - isOver: whether nothing more will be written; it is asked before the last look.
    public init(path: String, time: TimeSource, isOver: @escaping @Sendable () async -> Bool = { false }) {
        self.path = path
        self.time = time
        self.isOver = isOver
    }

    private struct Name {
        var file: UInt64
        var size: Int
        var changedAt: Date
    }

    /// A file that is being read.
    private struct Reading {
        let handle: FileHandle
        let file: UInt64
        var offset: Int
        /// What lies before this was there when the file was opened.
        let pastEnd: Int
        let changedAt: Date
    }

    /// Like `BuildDoor.follow`.
    public func follow(
        from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        var place = place
        var gone: String?
        while !Task.isCancelled {
            let wasOver = await isOver()
            guard let name = try look() else {
                if gone == nil {
                    let isDeleted = place != .start
                    gone = isDeleted ? "The log \(path) was deleted." : "The log \(path) is not there yet."
                    await take(.missing(gone ?? ""))
                }
                if wasOver { return }
                guard await pause(Double(Self.looksPerName)) else { return }
                continue
            }
            var isNew = false
            if let restart = Self.restart(from: place, name, wasGone: gone != nil) {
                await take(.restarted(restart))
                place = .start
                isNew = true
            }
            // What appears while it is waited for is not past.
            if gone != nil { isNew = true }
            gone = nil
            guard let handle = FileHandle(forReadingAtPath: path) else {
                // It went away just now, or it may not be read.
                if try look() == nil { continue }
                throw UpstreamProblem(
                    .misconfigured, "The log \(path) cannot be read.", advice: "Check its permissions.")
            }
            defer { try? handle.close() }
            let reading = Reading(
                handle: handle, file: name.file, offset: place.offset, pastEnd: isNew ? 0 : name.size,
                changedAt: name.changedAt)
            guard let next = try await read(reading, take) else { return }
            place = next
        }
    }

    private static func restart(from place: BuildPlace, _ name: Name, wasGone: Bool) -> BuildRestart? {
        guard place != .start else { return nil }
        if wasGone { return .returned }
        if let file = place.file, file != name.file { return .rotated }
        return name.size < place.offset ? .truncated : nil
    }

    /// Reads until the name stands for something else.
    ///
    /// - Returns: where it stood; nil when there is nothing more to come.
    private func read(
        _ start: Reading, _ take: @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) -> BuildPlace? {
        var reading = start
        do {
            try reading.handle.seek(toOffset: UInt64(reading.offset))
        } catch {
            throw unreadable
        }
        var looks = 0
        var isCurrent = false
        while !Task.isCancelled {
            let wasOver = await isOver()
            looks += 1
            // The name is looked at first: what was written before it changed is still read.
            let name = looks % Self.looksPerName == 0 || wasOver ? try look() : nil
            let isLooked = looks % Self.looksPerName == 0 || wasOver
            try await drain(&reading, take)
            if !isCurrent { await take(.caughtUp) }
            isCurrent = true
            let place = BuildPlace(offset: reading.offset, file: reading.file)
            if isLooked, name.map({ $0.file != reading.file || $0.size < reading.offset }) ?? true { return place }
            if wasOver { return nil }
            guard await pause(1) else { return nil }
        }
        return nil
    }

    private func drain(
        _ reading: inout Reading, _ take: @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        while !Task.isCancelled {
            let bytes: Data
            do {
                bytes = try reading.handle.read(upToCount: Self.portion) ?? Data()
            } catch {
                throw unreadable
            }
            guard !bytes.isEmpty else { return }
            let isPast = reading.offset < reading.pastEnd
            reading.offset += bytes.count
            await take(
                .bytes(
                    [UInt8](bytes), place: BuildPlace(offset: reading.offset, file: reading.file),
                    written: isPast ? min(reading.changedAt, time.now()) : time.now(), isPast: isPast))
        }
    }

    /// - Returns: false when the task was cancelled.
    private func pause(_ periods: Double) async -> Bool { (try? await time.sleep(Self.period * periods)) != nil }

    private var unreadable: UpstreamProblem {
        UpstreamProblem(
            .cut, "The log \(path) cannot be read any further.", advice: "It is tried again; check the disk it is on.")
    }

    /// - Returns: nil if there is no such file.
    private func look() throws(UpstreamProblem) -> Name? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        guard let kind = attributes[.type] as? FileAttributeType else { return nil }
        var found = attributes
        if kind == .typeSymbolicLink {
            let target = (path as NSString).resolvingSymlinksInPath
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else { return nil }
            found = attributes
        }
        guard found[.type] as? FileAttributeType == .typeRegular else {
            throw UpstreamProblem(.misconfigured, "\(path) is no file.", advice: "Name the log itself.")
        }
        return Name(
            file: (found[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0,
            size: (found[.size] as? NSNumber)?.intValue ?? 0,
            changedAt: found[.modificationDate] as? Date ?? time.now())
    }
}
