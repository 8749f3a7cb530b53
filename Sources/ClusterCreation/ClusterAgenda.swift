/// Which questions about a cluster are due when. Pure: seconds of uptime go in.
///
/// The status of all clusters of a region comes with one list, every 10 s while one of them is in progress (the seed's rhythm) and every 60 s
/// otherwise; what costs a question for each cluster is asked more rarely, and at once when the list says that something changed.
struct ClusterAgenda: Equatable {
    enum Topic: CaseIterable {
        case description, events, fleet, instances, logs
    }

    /// What a cluster is doing, as far as it decides the rhythm.
    enum Activity: Equatable {
        case building
        /// The head node exists and its wait condition is waited for: instances and logs tell how it goes.
        case bootstrapping
        /// The stack is complete and the fleet is not.
        case startingFleet
        /// Failed not long ago: the logs that say why are read once more.
        case failed
        case resting
    }

    static let busyList: Double = 10
    static let quietList: Double = 60
    /// An ended cluster is looked at again so often: a person may have stopped its fleet.
    static let restingPeriod: Double = 900

    /// So many clusters of a region may be in progress before each of them is asked more rarely: AWS throttles an account, not a cluster.
    static let crowd = 5.0

    /// How many times as rarely each of so many clusters in progress is asked.
    static func stretch(_ count: Int) -> Double { max(1, Double(count) / crowd) }

    /// Seconds between two questions; nil: not asked.
    ///
    /// A description costs as much as ten lists, and between the events that change it, it says the same: it is asked for when an activity
    /// begins, and else only alone, where no list is read.
    static func period(_ topic: Topic, _ activity: Activity, isAlone: Bool) -> Double? {
        switch (topic, activity) {
        case (.description, .building), (.description, .bootstrapping): isAlone ? 10 : 120
        case (.description, .startingFleet), (.fleet, .startingFleet): 10
        case (.description, .resting), (.description, .failed): restingPeriod
        case (.events, .building), (.events, .startingFleet): 15
        case (.events, .bootstrapping): isAlone ? 15 : 30
        case (.events, .resting), (.events, .failed): restingPeriod
        case (.instances, .bootstrapping), (.instances, .startingFleet): 30
        case (.instances, .resting): restingPeriod
        // A question for each of a dozen streams.
        case (.logs, .bootstrapping): isAlone ? 20 : 60
        case (.logs, .failed): restingPeriod
        case (.fleet, _), (.instances, _), (.logs, _): nil
        }
    }

    /// In progress: the region is asked in the quick rhythm.
    var isBusy: Bool { activity != .resting && activity != .failed }

    private var asked: [Topic: Double] = [:]
    private(set) var activity = Activity.building

    /// What is due, in the order in which it is asked.
    ///
    /// - Parameter stretch: see `stretch(_:)`.
    func due(at uptime: Double, isAlone: Bool, stretch: Double) -> [Topic] {
        Topic.allCases.filter { topic in
            guard var period = Self.period(topic, activity, isAlone: isAlone) else { return false }
            if isBusy { period *= stretch }
            // Half a second of play, so that a tick that comes a moment early does not wait for the next one.
            return asked[topic].map { uptime - $0 >= period - 0.5 } ?? true
        }
    }

    mutating func note(_ topic: Topic, at uptime: Double) { asked[topic] = uptime }

    /// A new activity has questions of its own, and those of the old one are asked once more at once.
    mutating func follow(_ activity: Activity) {
        guard activity != self.activity else { return }
        self.activity = activity
        asked = [:]
    }

    /// Somebody wants to know now.
    mutating func refresh() { asked = [:] }
}
