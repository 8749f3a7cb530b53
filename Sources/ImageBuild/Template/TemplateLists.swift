import Yams

// The optional sections of a template: software, users, data. Source: wire-formats 3.6.

extension TemplateReader {
    mutating func software(_ entry: Entry) -> [PackageSpec] {
        guard !Self.isNull(entry.value), let fields = fields(entry, ["spack_packages"]),
            let packages = fields["spack_packages"],
            let entries = list(packages, of: "packages", example: "`- gcc@11.2.0`")
        else { return [] }
        return entries.compactMap { package($0) }
    }

    private mutating func package(_ entry: Entry) -> PackageSpec? {
        // `- gcc: 11.2.0` looks right to whoever writes it.
        if case .mapping(let mapping) = entry.value, let pair = mapping.first, let name = pair.key.scalar?.string,
            mapping.count == 1
        {
            let version = pair.value.scalar?.string ?? ""
            let meant = version.isEmpty ? name : "\(name)@\(version)"
            complain(
                entry, "expected a package, found a mapping",
                fix: (try? PackageSpec(meant)) == nil ? "write name@version, without a colon" : "write \(meant)")
            return nil
        }
        guard let text = text(entry, "a package", example: "gcc@11.2.0") else { return nil }
        do {
            return try PackageSpec(text)
        } catch {
            complain(entry, at: error.offset, of: text, "`\(Self.short(text))` \(error.text)", fix: error.fix)
            return nil
        }
    }

    // MARK: users

    mutating func users(_ entry: Entry) -> [ImageTemplate.User] {
        let example = "`- {name: user1, uid: 5001, gid: 5001}`"
        var names: [String: Int] = [:]
        var uids: [String: Int] = [:]
        return (list(entry, of: "users", example: example) ?? []).compactMap { entry in
            let keys = ["name", "uid", "gid"]
            guard let fields = fields(entry, keys, required: Set(keys)) else { return nil }
            let name = text(fields["name"], "a name", example: "user1")
            if let name, let entry = fields["name"] {
                checkUser(name, entry)
                checkUnique(name, entry, "the user name", in: &names)
            }
            let uid = id(fields["uid"])
            if let uid, let entry = fields["uid"] { checkUnique("\(uid)", entry, "the uid", in: &uids) }
            let gid = id(fields["gid"])
            guard let name, let uid, let gid else { return nil }
            return .init(name: name, uid: uid, gid: gid)
        }
    }

    /// What `useradd` takes on the systems that images are made of.
    private mutating func checkUser(_ name: String, _ entry: Entry) {
        let first = Letters { SpecCharacter.isLetterOrDigit($0) || $0 == "_" }
        let rest = Letters { SpecCharacter.isLetterOrDigit($0) || $0 == "_" || $0 == "-" || $0 == "." }
        check(name, entry, first, rest, most: 32, "a user's name is made of letters, digits, `_`, `-` and `.`")
        if name.unicodeScalars.allSatisfy(SpecCharacter.isDigit) {
            complain(entry, "a user's name of digits only is taken for a uid", fix: "begin it with a letter")
        }
    }

    private mutating func id(_ entry: Entry?) -> Int? {
        guard let entry, let id = integer(entry) else { return nil }
        guard (1000...60_000).contains(id) else {
            complain(
                entry, "\(id) is not from 1000 to 60000",
                fix: id >= 0 && id < 1000 ? "numbers below 1000 belong to the system; write 5001" : "write 5001")
            return nil
        }
        return id
    }

    // MARK: data

    mutating func data(_ entry: Entry) -> [ImageTemplate.Mount] {
        guard !Self.isNull(entry.value), let fields = fields(entry, ["s3_mounts"]), let mounts = fields["s3_mounts"]
        else { return [] }
        let example = "`- {bucket: my-bucket, mount_point: /data}`"
        var points: [String: Int] = [:]
        return (list(mounts, of: "mounts", example: example) ?? []).compactMap { entry in
            let keys = ["bucket", "mount_point"]
            guard let fields = self.fields(entry, keys, required: Set(keys)) else { return nil }
            let bucket = text(fields["bucket"], "a bucket", example: "my-bucket")
            if let bucket, let entry = fields["bucket"] { checkBucket(bucket, entry) }
            let point = text(fields["mount_point"], "an absolute path", example: "/data")
            if let point, let entry = fields["mount_point"] {
                checkPoint(point, entry)
                checkUnique(point, entry, "the mount point", in: &points)
            }
            guard let bucket, let point else { return nil }
            return .init(bucket: bucket, mountPoint: point)
        }
    }

    /// S3's own rule: 3 to 63 small letters, digits, points and dashes, a letter or digit at both ends.
    private mutating func checkBucket(_ bucket: String, _ entry: Entry) {
        if bucket.hasPrefix("s3://") {
            let name = bucket.dropFirst(5).prefix { $0 != "/" }
            complain(entry, "expected the bucket's name alone", fix: name.isEmpty ? "write my-bucket" : "write \(name)")
            return
        }
        let end = Letters { SpecCharacter.isLower($0) || SpecCharacter.isDigit($0) }
        let rest = Letters {
            SpecCharacter.isLower($0) || SpecCharacter.isDigit($0) || $0 == "-" || $0 == "."
        }
        let before = problems.count
        check(bucket, entry, end, rest, most: 63, "a bucket's name is made of small letters, digits, `-` and `.`")
        guard problems.count == before else { return }
        if bucket.unicodeScalars.count < 3 {
            complain(entry, "`\(bucket)` is shorter than the 3 characters of a bucket's name", fix: "check the name")
        } else if let last = bucket.unicodeScalars.last, !end.allows(last) {
            complain(
                entry, at: bucket.unicodeScalars.count - 1, of: bucket,
                "a bucket's name ends in a letter or a digit, not in \(SpecCharacter.shown(last))", fix: "remove it")
        }
    }

    private mutating func checkPoint(_ point: String, _ entry: Entry) {
        guard point.hasPrefix("/") else {
            let fix = point.hasPrefix("~") ? "write the whole path" : "write /\(Self.short(point))"
            complain(entry, "`\(Self.short(point))` is no absolute path", fix: fix)
            return
        }
        let allowed = Letters {
            SpecCharacter.isLetterOrDigit($0) || $0 == "/" || $0 == "-" || $0 == "_" || $0 == "."
        }
        check(
            point, entry, allowed, allowed, most: 255, "a mount point is made of letters, digits, `-`, `_`, `.` and `/`"
        )
        let parts = point.split(separator: "/")
        if parts.isEmpty {
            complain(entry, "a bucket mounted over / would hide the whole system", fix: "write /data")
        } else if parts.contains("..") || parts.contains(".") {
            complain(entry, "the path goes through `.` or `..`", fix: "write the path without them")
        }
    }
}
