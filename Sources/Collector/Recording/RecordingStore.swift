import Fleet
import Synchronization

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

/// Where a recorder writes: the file of `--record`, or the folder of what is kept for going back in the dashboard. Both stay below a size;
/// what is oldest goes. Each of the files begins with a whole fleet and can be read alone.
public struct RecordingStore: Sendable {
    /// The default size of a recording, in bytes.
    public static let fileLimit = 256 << 20
    /// The default size of what is kept, in bytes: a day of five hundred nodes of which two hundred are at work.
    public static let folderLimit = 512 << 20
    /// What is kept is not older, in seconds.
    public static let folderAge: Double = 24 * 3600

    /// Files that are rotated away from that of `--record`: `FILE.1` is the newest of them.
    static let rotations = 3
    /// The longest time that one file of a folder tells of, in seconds: so much is kept beyond the age at most.
    static let segmentAge: Double = 3600
    private static let segmentEnd = ".jsonl"
    private static let segmentsPerFolder = 16

    private enum Place: Sendable {
        case file(String)
        case folder(String, age: Double, lock: FolderLock)
    }

    private let place: Place
    /// Bytes of all files together.
    private let limit: Int

    /// For `--record FILE`.
    public static func file(_ path: String, limit: Int = fileLimit) -> RecordingStore {
        RecordingStore(place: .file(path), limit: limit)
    }

    /// For what is kept: files named by the time of their beginning. One process at a time writes there; the others only read.
    public static func folder(
        _ path: String, limit: Int = folderLimit, age: Double = folderAge
    ) -> RecordingStore {
        RecordingStore(place: .folder(path, age: age, lock: FolderLock()), limit: limit)
    }

    /// For people.
    var path: String {
        switch place {
        case .file(let path), .folder(let path, _, _): path
        }
    }

    /// What one file may hold, in bytes.
    var fileLimit: Int {
        switch place {
        case .file: limit / (Self.rotations + 1)
        case .folder: limit / Self.segmentsPerFolder
        }
    }

    /// The longest time one file may tell of, in seconds.
    var fileAge: Double { if case .folder = place { Self.segmentAge } else { .infinity } }

    /// The file to go on with.
    ///
    /// - Returns: nil while another process writes to the folder.
    /// - Throws: why it cannot be written.
    func open(now: Date) throws(RecordingProblem) -> RecordingWriter? {
        switch place {
        case .file(let path): return try RecordingWriter(path: path)
        case .folder(let path, _, let lock):
            try Self.makeFolder(path)
            guard try lock.take(path + "/lock") else { return nil }
            if let newest = Self.segments(in: path).last, let file = try? RecordingFile(path: newest),
                now >= file.last, now.timeIntervalSince(file.start) < Self.segmentAge, file.size < fileLimit
            {
                return try RecordingWriter(path: newest)
            }
            return try openSegment(path, now: now)
        }
    }

    /// The next file; the one before is full, or tells of a time that has not come yet because the clock was set back.
    func roll(now: Date) throws(RecordingProblem) -> RecordingWriter? {
        switch place {
        case .file(let path):
            for number in (0..<Self.rotations).reversed() {
                let isDone = rename(number == 0 ? path : "\(path).\(number)", "\(path).\(number + 1)") == 0
                // Else the full one would be gone on with.
                if !isDone, number == 0 { throw RecordingWriter.problem(path, errno) }
            }
            return try RecordingWriter(path: path)
        case .folder(let path, _, _): return try openSegment(path, now: now)
        }
    }

    /// Lets another process write.
    func release() { if case .folder(_, _, let lock) = place { lock.release() } }

    // MARK: a folder

    /// The files of a folder, oldest first.
    static func segments(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(segmentEnd) }.sorted().map { "\(folder)/\($0)" }
    }

    private static func makeFolder(_ path: String) throws(RecordingProblem) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw RecordingProblem(
                "The folder \(RecordingFile.name(path)) for what is kept cannot be made.",
                advice: "Check the permissions of the folder above it and the free space.")
        }
    }

    private func openSegment(_ folder: String, now: Date) throws(RecordingProblem) -> RecordingWriter {
        // Without colons, which some tools that copy files take for something else.
        let stamp = WireTime.text(now).map { $0 == ":" ? "-" : String($0) }.joined()
        let writer = try RecordingWriter(path: "\(folder)/\(stamp)\(Self.segmentEnd)")
        prune(folder, now: now)
        return writer
    }

    /// Takes away the oldest files: those whose successor begins before all that is kept, and as many as the size asks for.
    private func prune(_ folder: String, now: Date) {
        guard case .folder(_, let age, _) = place else { return }
        var files = Self.segments(in: folder).map { (path: $0, file: try? RecordingFile(path: $0)) }
        var sizes = files.map { $0.file?.size ?? 0 }
        let oldest = now.addingTimeInterval(-age)
        // The newest has only just begun.
        while files.count > 1 {
            let isOld = files[1].file.map { $0.start <= oldest } ?? false
            // One more than there is: the one that begins now will grow.
            let isTooMuch = sizes.reduce(fileLimit, +) > limit
            guard isOld || isTooMuch else { break }
            unlink(files.removeFirst().path)
            sizes.removeFirst()
        }
    }
}

/// Says which process writes to a folder. The system takes the lock back when the process ends, however it does.
private final class FolderLock: Sendable {
    private let held = Mutex<Int32?>(nil)

    /// - Returns: whether it is ours now.
    func take(_ path: String) throws(RecordingProblem) -> Bool {
        try held.withLock { held throws(RecordingProblem) in
            if held != nil { return true }
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw RecordingWriter.problem(path, errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                return false
            }
            held = descriptor
            return true
        }
    }

    func release() {
        held.withLock { held in
            if let descriptor = held { close(descriptor) }
            held = nil
        }
    }

    deinit { release() }
}
