/// The two regions of the sandbox's AWS.
struct SandboxRegion: Sendable {
    let name: String
    let clusters: [SandboxCluster]
    /// Whether AWS refuses questions there for some minutes out of every fifteen.
    let isBusy: Bool

    /// - Parameter elapsed: seconds since the world began.
    func isThrottled(at elapsed: Double) -> Bool {
        guard isBusy else { return false }
        // Moved so that the demo opens between two such times.
        let position = (elapsed + 120).truncatingRemainder(dividingBy: 900)
        return position >= 0 && position < 240
    }

    static let all = [virginia, ireland]

    private static let virginia = SandboxRegion(
        name: "us-east-1",
        clusters: [
            SandboxCluster(
                name: "hpc-prod", region: "us-east-1", fate: .settled, headNodeType: "m6i.2xlarge",
                computeTypes: ["c6i.32xlarge"], queue: "cpu", computeNodes: 4, storage: .elastic, age: 447_300,
                period: nil),
            SandboxCluster(
                name: "genomics", region: "us-east-1", fate: .steady, headNodeType: "c5.2xlarge",
                computeTypes: ["r6i.8xlarge", "c6i.8xlarge"], queue: "align", computeNodes: 6, storage: .volume,
                age: 380, period: 3900),
            SandboxCluster(
                name: "cfd-fsx", region: "us-east-1", fate: .slowStorage, headNodeType: "c6i.4xlarge",
                computeTypes: ["hpc7a.96xlarge"], queue: "solver", computeNodes: 8, storage: .lustre, age: 800,
                period: 5100),
            SandboxCluster(
                name: "gpu-hang", region: "us-east-1", fate: .hanging, headNodeType: "c5.4xlarge",
                computeTypes: ["p4d.24xlarge"], queue: "gpu", computeNodes: 2, storage: .volume, age: 1380,
                period: 6000),
            SandboxCluster(
                name: "md-test", region: "us-east-1", fate: .failingScript, headNodeType: "m5.xlarge",
                computeTypes: ["g5.12xlarge"], queue: "md", computeNodes: 3, storage: .volume, age: 520, period: 4400),
        ], isBusy: false)

    private static let ireland = SandboxRegion(
        name: "eu-west-1",
        clusters: [
            SandboxCluster(
                name: "weather", region: "eu-west-1", fate: .settled, headNodeType: "c6i.xlarge",
                computeTypes: ["hpc6a.48xlarge"], queue: "model", computeNodes: 5, storage: .elastic, age: 1_021_800,
                period: nil),
            SandboxCluster(
                name: "ocean", region: "eu-west-1", fate: .steady, headNodeType: "c5.xlarge",
                computeTypes: ["c5n.18xlarge"], queue: "nemo", computeNodes: 4, storage: .elastic, age: 350,
                period: 1500),
        ], isBusy: true)
}
