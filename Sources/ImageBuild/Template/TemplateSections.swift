import Yams

// The sections of a template and their rules. Source: wire-formats 3.6; where it is silent, the system that the value goes to.

extension TemplateReader {
    private static let sections = ["cluster", "compute", "software", "users", "data"]

    /// The template; nil if something that it cannot do without is wrong.
    mutating func template(_ root: Node, name: String) -> ImageTemplate? {
        if Self.isNull(root) {
            if problems.isEmpty { complainOfEmptyFile() }
            return nil
        }
        let whole = Entry(value: root, path: "", line: root.mark?.line ?? 1, column: root.mark?.column ?? 1)
        guard case .mapping = root else {
            complain(
                whole, "expected the sections cluster and compute, found \(Self.kind(root))",
                fix: "begin with `cluster:`, and put its keys below it")
            return nil
        }
        guard let fields = fields(whole, Self.sections, required: ["cluster", "compute"]) else { return nil }
        let cluster = fields["cluster"].flatMap { self.cluster($0) }
        let compute = fields["compute"].flatMap { self.compute($0) }
        let packages = fields["software"].map { software($0) } ?? []
        let users = fields["users"].map { self.users($0) } ?? []
        let mounts = fields["data"].map { data($0) } ?? []
        guard let cluster, let compute else { return nil }
        return ImageTemplate(
            name: name, cluster: cluster, headNode: compute.headNode, queues: compute.queues, packages: packages,
            users: users, mounts: mounts)
    }

    // MARK: cluster

    private mutating func cluster(_ entry: Entry) -> ImageTemplate.Cluster? {
        guard let fields = fields(entry, ["name", "region"], required: ["name", "region"]) else { return nil }
        let name = text(fields["name"], "a name", example: "demo")
        if let name, let entry = fields["name"] {
            check(
                name, entry, .letter, .lettersDigitsDashes, most: 60,
                "a cluster's name is a letter, then letters, digits and `-`")
        }
        let region = text(fields["region"], "a region", example: "us-west-2")
        if let region, let entry = fields["region"], !ImageTemplate.regions.contains(region) {
            let near = NearWord.nearest(to: region, in: ImageTemplate.regions, count: 3)
            complain(
                entry, "`\(Self.short(region))` is none of the \(ImageTemplate.regions.count) regions that pctl knows",
                fix: "the nearest are \(near.joined(separator: ", "))")
        }
        guard let name, let region else { return nil }
        return .init(name: name, region: region)
    }

    // MARK: compute

    private mutating func compute(_ entry: Entry) -> (headNode: String, queues: [ImageTemplate.Queue])? {
        guard let fields = fields(entry, ["head_node", "queues"], required: ["head_node", "queues"]) else { return nil }
        let headNode = text(fields["head_node"], "an instance type", example: "c5.large")
        if let headNode, let entry = fields["head_node"] { checkInstance(headNode, entry, isHead: true) }
        guard let entry = fields["queues"],
            let entries = list(entry, of: "queues", example: "`- name: compute`")
        else { return nil }
        if entries.isEmpty, case .sequence(let sequence) = entry.value, !sequence.isEmpty { return nil }
        if entries.isEmpty {
            complain(
                entry, "there is no queue; expected at least one",
                fix: "add `- {name: compute, instance_types: [c5.2xlarge], max_count: 10}`")
        }
        var lines: [String: Int] = [:]
        let queues = entries.compactMap { queue($0, lines: &lines) }
        return headNode.map { ($0, queues) }
    }

    private mutating func queue(_ entry: Entry, lines: inout [String: Int]) -> ImageTemplate.Queue? {
        let keys = ["name", "instance_types", "min_count", "max_count"]
        guard let fields = fields(entry, keys, required: ["name", "instance_types"]) else { return nil }
        let name = text(fields["name"], "a name", example: "compute")
        if let name, let entry = fields["name"] {
            check(
                name, entry, .smallLetter, .smallLettersDigitsDashes, most: nil,
                "a queue's name is a small letter, then small letters, digits and `-`")
            checkUnique(name, entry, "the queue name", in: &lines)
        }
        let types = fields["instance_types"].flatMap { instanceTypes($0) }
        let least = integer(fields["min_count"], absent: 0)
        // pctl reads a missing number as 0.
        let most = integer(fields["max_count"], absent: 0)
        if let least, let entry = fields["min_count"], least < 0 {
            complain(entry, "\(least) is below 0", fix: "write 0 or more")
        } else if let least, let most, most >= 0, least > most, let entry = fields["min_count"] {
            complain(
                entry,
                "min_count \(least) is above max_count, which is \(fields["max_count"] == nil ? "missing" : "\(most)")",
                fix: "lower min_count, or set max_count to \(least) or more")
        }
        if let most, let entry = fields["max_count"], !(0...1000).contains(most) {
            complain(entry, "\(most) is not from 0 to 1000", fix: most < 0 ? "write 0 or more" : "write at most 1000")
        }
        guard let name, let types, let least, let most else { return nil }
        return .init(name: name, instanceTypes: types, minCount: least, maxCount: most)
    }

    private mutating func instanceTypes(_ entry: Entry) -> [String]? {
        guard let entries = list(entry, of: "instance types", example: "[c5.2xlarge]") else { return nil }
        if entries.isEmpty {
            complain(entry, "is empty; expected at least one instance type", fix: "write [c5.2xlarge]")
        }
        return entries.compactMap { entry in
            let type = text(entry, "an instance type", example: "c5.2xlarge")
            if let type { checkInstance(type, entry, isHead: false) }
            return type
        }
    }

    /// pctl takes a letter and a digit for the family of the head node; of compute nodes it asks nothing, and AWS has `hpc6a.48xlarge`,
    /// `u-6tb1.metal` and `c7i-flex.large` too.
    private mutating func checkInstance(_ type: String, _ entry: Entry, isHead: Bool) {
        let rule = InstanceType.wrong(in: type, isHead: isHead)
        guard let rule else { return }
        complain(
            entry, at: rule.offset, of: type, "`\(Self.short(type))` is no instance type: \(rule.text)", fix: rule.fix)
    }

    // MARK: shared rules

    /// What the characters of a name are taken from.
    struct Letters: Sendable {
        let allows: @Sendable (Unicode.Scalar) -> Bool

        /// The character, or its small letter; nil if neither is allowed.
        func nearest(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
            if allows(scalar) { return scalar }
            let small = scalar.properties.lowercaseMapping.unicodeScalars.first
            return small.flatMap { allows($0) ? $0 : nil }
        }

        static let letter = Letters { SpecCharacter.isLetterOrDigit($0) && !SpecCharacter.isDigit($0) }
        static let smallLetter = Letters { SpecCharacter.isLower($0) }
        static let lettersDigitsDashes = Letters { SpecCharacter.isLetterOrDigit($0) || $0 == "-" }
        static let smallLettersDigitsDashes = Letters {
            SpecCharacter.isLower($0) || SpecCharacter.isDigit($0) || $0 == "-"
        }
    }

    mutating func check(
        _ text: String, _ entry: Entry, _ first: Letters, _ rest: Letters, most: Int?, _ rule: String
    ) {
        let scalars = Array(text.unicodeScalars.prefix(10_000))
        let wrong = scalars.indices.first { $0 == 0 ? !first.allows(scalars[0]) : !rest.allows(scalars[$0]) }
        if let wrong {
            let place = wrong == 0 ? "begins with" : "contains"
            let near = scalars.compactMap { rest.nearest($0) }.drop { !first.allows($0) }
            let good = TemplateSource.string(near.prefix(60))
            complain(
                entry, at: wrong, of: text,
                "`\(Self.short(text))` \(place) \(SpecCharacter.shown(scalars[wrong])); \(rule)",
                fix: good.isEmpty ? "choose another name" : "\(good) would do")
        } else if let most, scalars.count > most {
            complain(
                entry, at: most, of: text, "the name has \(scalars.count) characters; at most \(most) are allowed",
                fix: "shorten it")
        }
    }

    mutating func checkUnique(_ text: String, _ entry: Entry, _ what: String, in lines: inout [String: Int]) {
        if let line = lines[text] {
            complain(entry, "\(what) `\(Self.short(text))` is used already, in line \(line)", fix: "choose another one")
        } else {
            lines[text] = entry.line
        }
    }
}
