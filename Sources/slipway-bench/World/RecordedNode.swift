import Glibc

/// A node of a recorded fleet at an instant, as JSON of the change stream. All that it says follows from its number and the time, so that no
/// fleet has to be kept while a day is written.
///
/// Time goes in ticks of 1.2 s. A node is deployed anew each 110 minutes, and is at work for 44 of them: 200 of 500.
struct RecordedNode {
    static let tick = 1.2
    /// Ticks between two things that a node says while it is at work: a minute.
    static let step = 50
    /// What it says in a run, beginning with 0.
    static let lastStep = 44
    /// Ticks from run to run: each node begins as long after the one before.
    static let cycle = 5500
    static let delay = 11
    /// Every so many of its words are a report, which is kept.
    private static let reportSteps = 4
    private static let stepsPerPhase = 5
    private static let phases = [
        "ipxe_boot", "config_download", "foundation_start", "storage_discovery", "image_download", "installation",
        "cluster_formation", "dns_registration", "health_validation",
    ]

    let number: Int
    /// How long its run has lasted, in ticks.
    private let age: Int
    /// The instant of the run's beginning, in ticks since that of the recording.
    private let start: Int
    /// Unix seconds of the recording's beginning.
    private let epoch: Double

    /// - Parameters:
    ///   - number: 1...500.
    ///   - tick: since the beginning of the recording.
    init(_ number: Int, at tick: Int, epoch: Double) {
        self.number = number
        self.epoch = epoch
        let place = (tick - number * Self.delay) % Self.cycle
        age = place < 0 ? place + Self.cycle : place
        start = tick - age
    }

    /// What it said last.
    private var said: Int { min(Self.lastStep, age / Self.step) }
    private var isDone: Bool { said == Self.lastStep }
    private var phase: Int { min(Self.phases.count, said / Self.stepsPerPhase) }
    /// Whether it says something at this tick.
    var isSpeaking: Bool { age % Self.step == 0 && age / Self.step <= Self.lastStep }

    static func id(_ number: Int) -> String { "metal/lab/\(number)" }

    private func time(_ step: Int) -> String { Self.time(epoch + Double(start + step * Self.step) * Self.tick) }

    /// RFC 3339 in UTC with milliseconds.
    static func time(_ seconds: Double) -> String {
        let ticks = Int((seconds * 1000).rounded())
        var whole = time_t(ticks / 1000)
        var parts = tm()
        gmtime_r(&whole, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let fraction = String(ticks % 1000 + 1000).dropFirst()
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(fraction)Z"
    }

    // MARK: JSON

    private var word: String { isDone ? "deployed" : Self.phases[min(8, phase)] }
    private var message: String { isDone ? "all checks passed" : "\(word): step \(said) of \(Self.lastStep) is done" }
    private var percent: Int { said * 100 / Self.lastStep }

    private var estimate: String {
        let left = Double(Self.lastStep - said) * 60.0 + Double(number % 17) / 7
        return """
            {"at":"\(time(said))","basis":"history","n":\(20 + number % 9),"p10":\(left * 0.8),"p50":\(left),"p90":\(left * 1.3)}
            """
    }

    private func report(_ step: Int) -> String {
        let phase = Self.phases[min(8, step / Self.stepsPerPhase)]
        return """
            {"at":"\(time(step))","message":"\(phase): step \(step) of \(Self.lastStep) is done","phase":"\(phase)",\
            "status":"in_progress"}
            """
    }

    private func track(_ index: Int) -> String {
        let first = index * Self.stepsPerPhase
        let hasEnded = isDone || index < phase
        let end = hasEnded ? #""endedAt":"\#(time(min(first + Self.stepsPerPhase, Self.lastStep)))","# : ""
        let begin = hasEnded || index == phase ? #""startedAt":"\#(time(first))","# : ""
        return """
            {\(end)"limit":900,"name":"\(Self.phases[index])",\(begin)\
            "state":"\(hasEnded ? "done" : index == phase ? "running" : "waiting")",\
            "usual":\(280.25 + Double(index) * 3.125),"usualCount":24,"usualHigh":\(391.5 + Double(index) * 7.75)}
            """
    }

    /// The item.
    var whole: String {
        let reports = stride(from: 0, through: said, by: Self.reportSteps).map(report)
        let tracks = Self.phases.indices.map(track)
        let remaining = isDone ? "" : #""estimate":\#(estimate),"#
        return """
            {"advice":["Check the space and the speed of the image server, and the node's route to it.",\
            "curl -s http://10.1.0.1:8080/api/status/history/\(number)"],\
            "detail":{"deployment":"lab-\(number)-1","deploymentStatus":"\(word)_in_progress",\
            "managementIP":"10.20.\(number / 250).\(number % 250)","message":"\(message)","node":\(number),\
            "reports":[\(reports.joined(separator: ","))],"serverProfile":"bx2-metal-\(number % 3 + 1)"},\
            \(isDone ? #""endedAt":"\#(time(Self.lastStep))","# : "")\(remaining)\
            "evidence":{"at":"\(time(said))","from":"status API lab","patience":1800},\
            "id":"\(Self.id(number))","kind":"metal","limit":4020,"name":"rack\(number / 40 + 1)-unit\(number % 40 + 1)",\
            "phases":[\(tracks.joined(separator: ","))],"profile":"bx2-metal-\(number % 3 + 1)",\
            "progress":{"done":\(min(9, phase)),"percent":\(percent),"total":9,"unit":"phases"},\
            "source":"lab","startedAt":"\(time(0))","state":"\(isDone ? "done" : "running")","word":"\(word)"}
            """
    }

    /// What a change says of it: it begins and ends whole; between, only what is new is told.
    var change: String {
        if said == 0 || isDone { return #"{"item":\#(whole)}"# }
        var patch = [
            #"{"op":"replace","path":"/detail/message","value":"\#(message)"}"#,
            #"{"op":"replace","path":"/estimate","value":\#(estimate)}"#,
            #"{"op":"replace","path":"/evidence/at","value":"\#(time(said))"}"#,
            #"{"op":"replace","path":"/progress/percent","value":\#(percent)}"#,
        ]
        if said % Self.reportSteps == 0 {
            patch.append(#"{"op":"add","path":"/detail/reports/-","value":\#(report(said))}"#)
        }
        if said % Self.stepsPerPhase == 0 {
            patch += [
                #"{"op":"replace","path":"/phases/\#(phase - 1)","value":\#(track(phase - 1))}"#,
                #"{"op":"replace","path":"/detail/deploymentStatus","value":"\#(word)_in_progress"}"#,
                #"{"op":"replace","path":"/progress/done","value":\#(phase)}"#,
                #"{"op":"replace","path":"/word","value":"\#(word)"}"#,
            ]
            if phase < 9 { patch.append(#"{"op":"replace","path":"/phases/\#(phase)","value":\#(track(phase))}"#) }
        }
        return #"{"id":"\#(Self.id(number))","patch":[\#(patch.joined(separator: ","))]}"#
    }
}
