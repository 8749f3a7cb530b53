import Fleet
import Upstream

/// One round of questions about one cluster.
struct ClusterVisit: Sendable {
    private(set) var reading: ClusterReading
    private(set) var asked: [ClusterAgenda.Topic] = []
    private(set) var hasAnswered = false
    /// There is no such cluster any more, although there was.
    private(set) var isGone = false
    /// What keeps the whole region from answering.
    private(set) var problem: PclusterProblem?

    init(_ reading: ClusterReading, asking topics: [ClusterAgenda.Topic], _ reader: ClusterReader) async {
        self.reading = reading
        var trouble: String?
        for topic in topics where problem == nil {
            do throws(PclusterProblem) {
                try await ask(topic, reader)
                hasAnswered = true
                asked.append(topic)
            } catch {
                if error.isOfRegion {
                    problem = error
                } else {
                    // Asked again at its time: a cluster that is only just being created is not known at once.
                    asked.append(topic)
                    trouble = error.sentence
                    if error.isAbsence {
                        isGone = reading.description != nil
                        break
                    }
                }
            }
        }
        if !asked.isEmpty { self.reading.trouble = trouble }
    }

    private mutating func ask(_ topic: ClusterAgenda.Topic, _ reader: ClusterReader) async throws(PclusterProblem) {
        let name = reading.name
        switch topic {
        case .description: reading.description = try await reader.describe(name)
        case .events: try await reader.events(name, into: &reading.stack)
        case .fleet: reading.fleet = try await reader.fleet(name)
        case .instances: reading.take(try await reader.instances(name))
        case .logs:
            // Without it every machine of the cluster would be read.
            guard let id = reading.description?.headNode?.instanceId ?? reading.stack.headNodeID else { return }
            reading.logs = try await reader.logs(name, headNode: id)
        }
    }
}
