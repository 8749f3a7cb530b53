import Foundation

/// Reads a folder of builds from the disk.
public struct BuildFiles: Sendable {
    /// The most names of a folder that are looked at.
    static let mostNames = 20_000

    private let path: String

    /// - Parameter path: an absolute path.
    public init(path: String) { self.path = path }

    /// The folder, read through this.
    ///
    /// - Parameter name: what it is called for people.
    public func folder(named name: String) -> BuildFolder {
        BuildFolder(
            path: name, list: { () throws(BuildFolder.Problem) in try list() },
            read: { (name: String, limit: Int) throws(BuildFolder.Problem) in try read(name, limit: limit) })
    }

    /// One file such as `build-history.json`.
    ///
    /// - Parameter limit: in bytes; of a larger file nothing is read.
    public static func contents(_ path: String, limit: Int) throws(BuildFolder.Problem) -> Data {
        let bytes = try bytes(path, limit: limit + 1)
        guard bytes.count <= limit else { throw .unreadable("It is larger than \(limit) bytes.") }
        return bytes
    }

    private func list() throws(BuildFolder.Problem) -> [BuildFolder.File] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .absent }
        guard isFolder.boolValue, let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw .unreadable("The folder cannot be read; check its permissions.")
        }
        return names.lazy.filter { $0.hasSuffix(".json") }.prefix(Self.mostNames).compactMap { name in
            // Only files: to open a pipe would wait for its writer.
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name),
                attributes[.type] as? FileAttributeType == .typeRegular
            else { return nil }
            return BuildFolder.File(
                name: name, modifiedAt: attributes[.modificationDate] as? Date ?? .distantPast,
                size: (attributes[.size] as? NSNumber)?.intValue ?? 0)
        }
    }

    private func read(_ name: String, limit: Int) throws(BuildFolder.Problem) -> Data {
        try Self.bytes(path + "/" + name, limit: limit)
    }

    /// The first bytes of a regular file.
    private static func bytes(_ path: String, limit: Int) throws(BuildFolder.Problem) -> Data {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { throw .absent }
        guard attributes[.type] as? FileAttributeType == .typeRegular else { throw .unreadable("It is no file.") }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .unreadable("It cannot be read; check its permissions.")
        }
        defer { try? handle.close() }
        do {
            return try handle.read(upToCount: limit) ?? Data()
        } catch {
            throw .unreadable("It cannot be read.")
        }
    }
}
