/// Keeps one copy of texts that thousands of items say alike: phase words, status words, messages.
public struct TextPool: Sendable {
    /// More different texts than this are no longer alike; the pool begins anew.
    private static let capacity = 4096
    /// Shorter texts need no storage, so there is nothing to share. Bytes, of the 64-bit systems that we run on.
    private static let inlineLength = 15
    private var texts: Set<String> = []

    public init() {}

    /// The same text, sharing its storage with the first one like it.
    public mutating func shared(_ text: String) -> String {
        if text.utf8.count <= Self.inlineLength { return text }
        if texts.count == Self.capacity { texts = [] }
        return texts.insert(text).memberAfterInsert
    }
}

extension Item {
    /// The same item in less memory, for one that was read from JSON and stays: what is said alike by many is held once, and no list keeps
    /// the room that it grew into. A fleet of thousands of nodes takes half.
    public func packed(in texts: inout TextPool) -> Item {
        var packed = self
        packed.phases = phases.map { phase in
            var phase = phase
            phase.name = texts.shared(phase.name)
            return phase
        }
        guard case .metal(var metal) = detail else { return packed }
        metal.message = texts.shared(metal.message)
        metal.deploymentStatus = metal.deploymentStatus.map { texts.shared($0) }
        metal.serverProfile = metal.serverProfile.map { texts.shared($0) }
        metal.reports = metal.reports.map { report in
            MetalDetail.Report(
                phase: texts.shared(report.phase), status: texts.shared(report.status),
                message: texts.shared(report.message), at: report.at)
        }
        packed.detail = .metal(metal)
        return packed
    }
}
