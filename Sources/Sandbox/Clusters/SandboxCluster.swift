/// One cluster of the sandbox: what it is made of, and how each of its lives goes.
struct SandboxCluster: Sendable {
    enum Fate: Sendable {
        /// Was created long ago and stays.
        case settled
        /// Is created, works, is deleted, and is created anew.
        case steady
        /// As steady, but the file system of every second life takes far longer than usual.
        case slowStorage
        /// The head node runs, but never says so: the wait condition runs out.
        case hanging
        /// The script that the owner gave the head node fails.
        case failingScript
    }

    enum Storage: Sendable { case volume, elastic, lustre }

    let name: String
    let region: String
    let fate: Fate
    let headNodeType: String
    /// One compute resource of the queue each.
    let computeTypes: [String]
    let queue: String
    let computeNodes: Int
    let storage: Storage
    /// Seconds since its present life began, when the demo's screen opens.
    let age: Double
    /// Seconds from one creation to the next; nil for a cluster that has one life only.
    let period: Double?

    /// Seconds between a cluster's end and its next creation.
    static let pause: Double = 90

    /// The life it leads at a time, if it exists then.
    ///
    /// - Parameter elapsed: seconds since the world began.
    func life(at elapsed: Double, in world: SandboxTime) -> (life: ClusterLife, age: Double)? {
        let first = SandboxTime.opening - age
        let number = period.map { ((elapsed - first) / $0).rounded(.down) } ?? 0
        let begins = first + number * (period ?? 0)
        let age = elapsed - begins
        let life = ClusterLife(
            of: self, number: Int(number), began: world.beginning.addingTimeInterval(begins), seed: world.seed)
        guard let life, life.exists(at: age) else { return nil }
        return (life, age)
    }
}
