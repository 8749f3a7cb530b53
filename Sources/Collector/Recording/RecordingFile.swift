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

/// One file of a recording, open for reading, also while it grows. Nothing of it is held: what is asked for is read, and found by halves.
final class RecordingFile: Sendable {
    let path: String
    /// The instant that it begins with.
    let start: Date
    private let descriptor: Int32
    /// What is read at once, in bytes.
    private static let chunk = 64 << 10

    /// - Throws: that there is no such file, or no recording in it that can be read.
    init(path: String) throws(RecordingProblem) {
        let name = RecordingFile.name(path)
        // A pipe must not make it wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw RecordingProblem(
                "The recording \(name) cannot be opened: \(reason).", advice: "Check the name and its permissions.")
        }
        do throws(RecordingProblem) {
            self.start = try Self.start(descriptor, name)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// A path as it is told.
    static func name(_ path: String) -> String { SafeText.line(path, limit: 200) }

    /// Bytes that are there now; the last line may not be whole.
    var size: Int { Self.size(descriptor) ?? 0 }

    private static func size(_ descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    // MARK: what it is

    private static func start(_ descriptor: Int32, _ name: String) throws(RecordingProblem) -> Date {
        let other = "Name a file that was written with --record."
        guard let size = size(descriptor) else {
            throw RecordingProblem("\(name) is not a file.", advice: other)
        }
        guard size > 0 else {
            throw RecordingProblem(
                "The recording \(name) is empty.", advice: "Record again; the disk may have been full.")
        }
        let bytes = read(descriptor, from: 0, count: min(size, chunk))
        guard let end = bytes.firstIndex(of: RecordingLine.newline) else {
            let isOurs = bytes.starts(with: Array(#"{"hello":"#.utf8).prefix(bytes.count))
            throw isOurs && size < chunk
                ? RecordingProblem(
                    "The recording \(name) is cut off before anything is told.", advice: "Record again.", isCut: true)
                : RecordingProblem("\(name) is not a recording.", advice: other)
        }
        guard let frame = try? RecordingLine.frame(Array(bytes[..<end])), case .hello(let hello) = frame else {
            throw RecordingProblem("\(name) is not a recording.", advice: other)
        }
        let current = StreamVersion.current
        guard let version = StreamVersion(hello.version), version.major == current.major else {
            let theirs = SafeText.line(hello.version, limit: 20)
            throw RecordingProblem(
                "\(name) was recorded in version \(theirs) of the format, and this slipway reads \(current.major).",
                advice: "Open it with the slipway that wrote it (\(SafeText.line(hello.program, limit: 40))).")
        }
        return hello.clock
    }

    // MARK: bytes

    func read(from offset: Int, count: Int) -> [UInt8] { Self.read(descriptor, from: offset, count: count) }

    /// - Returns: fewer bytes where the file ends, or the disk fails.
    private static func read(_ descriptor: Int32, from offset: Int, count: Int) -> [UInt8] {
        guard count > 0, offset >= 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                filled += got
            }
        }
    }

    /// Calls `body` with each whole line that begins in a range and its place, until it returns false.
    ///
    /// - Parameters:
    ///   - from: the start of a line.
    ///   - body: gets at most `RecordingLine.limit` bytes of a line without its end, and where the next one begins.
    func lines(from: Int, to end: Int, _ body: (_ start: Int, _ line: ArraySlice<UInt8>, _ next: Int) -> Bool) {
        var held: [UInt8] = []
        var start = from
        var place = from
        while start < end {
            let chunk = read(from: place, count: held.isEmpty ? Self.chunk : 4 * Self.chunk)
            guard !chunk.isEmpty else { return }
            var rest = chunk[...]
            while start < end, let stop = rest.firstIndex(of: RecordingLine.newline) {
                let next = place + stop + 1
                let isOn: Bool
                if held.isEmpty {
                    isOn = body(start, rest[..<stop], next)
                } else {
                    held += rest[..<stop]
                    isOn = body(start, held[...], next)
                    held = []
                }
                guard isOn else { return }
                start = next
                rest = rest[(stop + 1)...]
            }
            place += chunk.count
            // Of a line that is none, such as zeros after a power cut, only where it ends counts.
            if held.count <= RecordingLine.limit { held += rest }
        }
    }

    /// Goes through the starts of whole lines from behind, until `body` returns something.
    ///
    /// - Parameter end: the start of a line, which is not looked at itself; what follows it neither.
    func lastLine<Found>(before end: Int, _ body: (_ start: Int, _ head: ArraySlice<UInt8>) -> Found?) -> Found? {
        var high = end
        // The end of the line before; a start is behind a newline, so that of the last line of a chunk is in the chunk.
        while high > 0 {
            let low = max(0, high - Self.chunk)
            let reach = min(end, high + RecordingLine.reach)
            let bytes = read(from: low, count: reach - low)
            var place = min(high - low, bytes.count)
            while place > 0 {
                // The newline before `place` begins a line at `place`.
                if bytes[place - 1] == RecordingLine.newline, low + place < end, place < bytes.count {
                    if let found = body(low + place, bytes[place...].prefix(RecordingLine.reach)) { return found }
                }
                place -= 1
            }
            if low == 0 { return bytes.isEmpty ? nil : body(0, bytes.prefix(RecordingLine.reach)) }
            high = low
        }
        return nil
    }
}
