import Upstream

/// A place where images are built: this machine, a builder behind ssh, a folder of pctl's, a region, one log file, the sandbox.
///
/// The feed stands in front of it and knows nothing else of the place. Whoever implements it keeps no thread of his own: every call ends,
/// and `follow` goes on only until the task that called it is cancelled.
///
/// What is told of a build comes in two ways. `builds` gives what is known beside the log: packages, whether it runs, its image. The log
/// itself, in Spack's words and with the driver's markers between them (`DriverMarker` writes and reads those), is read by `follow`; the
/// disks, the begin and the end of every package are in it.
public protocol BuildDoor: Sendable {
    /// The builds of the place, in any order: those that run, and those that ended and are still kept there.
    ///
    /// It is asked every 2 seconds on this machine and less often elsewhere (`ImageFeed.Options.cadence`), so it must cost little; a place
    /// that costs more keeps its last answer. A build that is missing in the answer has gone.
    ///
    /// - Throws: what kept it from answering; what it said before stays true then.
    func builds() async throws(UpstreamProblem) -> [KnownBuild]

    /// Gives one build's log from a place on, and goes on with what is added to it. It is called only for builds whose `hasLog` is set,
    /// and for one build by one caller at a time.
    ///
    /// Pieces come in the order of the log and the next one is given only when `take` has returned, so that a slow reader is not flooded.
    /// A piece is at most `BuildPiece.largest` bytes. What was there when following began is marked as past, because the clock says
    /// nothing about it. A log that is not there is told once as `.missing` and waited for. One that was cut short or replaced is told as
    /// `.restarted`; then its bytes follow from the beginning.
    ///
    /// Returns when the build has ended and everything was given; a log whose end nobody knows is followed until the task is cancelled.
    ///
    /// - Parameters:
    ///   - id: `BuildRecord.id`.
    ///   - place: where the last piece ended; `.start` the first time. A place that is behind the end of the log means that the log was
    ///     cut: `.restarted`, and from the beginning.
    /// - Throws: what kept it from reading. The caller comes back with the place that it has reached, after a while.
    func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem)

    /// Ends a running build with everything that it started, and returns when nothing of it runs any more. The log says so in its end
    /// (`DriverMarker.stopped`). Of a build that has ended nothing is done.
    ///
    /// - Throws: why it could not be ended; `.misconfigured` where builds of this place cannot be ended from here.
    func stop(_ id: String) async throws(UpstreamProblem)
}

extension BuildDoor {
    /// Most places are only looked at.
    public func stop(_ id: String) async throws(UpstreamProblem) {
        throw UpstreamProblem(
            .misconfigured, "The build \(id) cannot be stopped from here.",
            advice: "Stop it with the program that started it.")
    }
}
