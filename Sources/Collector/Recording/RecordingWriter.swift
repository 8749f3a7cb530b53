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

/// The file that a recorder appends to: whole lines or nothing, for its owner only (0600), one writer at a time.
final class RecordingWriter: Sendable {
    let path: String
    /// The instants of the first and the last line that were there when it was opened.
    let found: ClosedRange<Date>?
    private let descriptor: Int32

    /// Opens a file to go on with, or makes it. A line that was cut off when its writer was stopped is taken away.
    ///
    /// - Throws: that it is no recording, that another process writes it, or what the system says.
    init(path: String) throws(RecordingProblem) {
        let name = RecordingFile.name(path)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw Self.problem(path, errno) }
        do throws(RecordingProblem) {
            found = try Self.prepare(descriptor, path, name)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    private static func prepare(_ descriptor: Int32, _ path: String, _ name: String) throws(RecordingProblem)
        -> ClosedRange<Date>?
    {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw RecordingProblem("\(name) is not a file.", advice: "Name a file for the recording.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw RecordingProblem(
                "Another slipway is recording to \(name).", advice: "Name another file, or end the other one.")
        }
        guard status.st_size > 0 else { return nil }
        var whole = 0
        var found: ClosedRange<Date>?
        do throws(RecordingProblem) {
            let file = try RecordingFile(path: path)
            (whole, found) = (file.wholeEnd, file.start...max(file.start, file.last))
        } catch {
            // With a first line that was cut off nothing is lost. What is not ours is left alone, whatever it is.
            guard error.isCut else {
                throw RecordingProblem(
                    "\(error.sentence) Nothing is recorded over it.", advice: "Name another file, or move it away.")
            }
        }
        if whole < status.st_size, ftruncate(descriptor, off_t(whole)) != 0 { throw problem(path, errno) }
        // It may have come from elsewhere.
        fchmod(descriptor, 0o600)
        return found
    }

    deinit { close(descriptor) }

    /// Bytes in the file.
    var size: Int { max(0, Int(lseek(descriptor, 0, SEEK_END))) }

    /// Appends lines. What the disk takes only a part of is taken back.
    ///
    /// - Throws: why the disk did not take them.
    func append(_ bytes: [UInt8]) throws(RecordingProblem) {
        let start = size
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.write(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = errno
                cut(to: start)
                throw Self.problem(path, reason)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Takes back what is behind a place.
    func cut(to place: Int) { ftruncate(descriptor, off_t(place)) }

    /// Whether it still is what its path names: somebody may have moved or deleted it.
    var isInPlace: Bool {
        var ours = stat()
        var theirs = stat()
        return fstat(descriptor, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino
            && ours.st_dev == theirs.st_dev
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// What failed and what to do.
    static func problem(_ path: String, _ reason: Int32) -> RecordingProblem {
        let what = "The recording \(RecordingFile.name(path)) cannot be written: "
        switch reason {
        case ENOSPC, EDQUOT, EFBIG:
            return RecordingProblem(
                what + "there is no room left.", advice: "Free some space; recording then goes on by itself.")
        case EROFS, EACCES, EPERM:
            return RecordingProblem(
                what + "it is read-only.", advice: "Check the permissions of the file and its folder.")
        case ENOENT, ENOTDIR:
            return RecordingProblem(what + "its folder is not there.", advice: "Make the folder, or name another file.")
        default:
            let text = String(cString: strerror(reason))
            return RecordingProblem(what + "\(text).", advice: "Check the file and its folder.")
        }
    }
}
