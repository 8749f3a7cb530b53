import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What a person does in the Clusters pane, and what the screen then says.
@Suite struct ClusterStoryTests {
    static func state(_ items: [Item] = ClusterSample.items, size: Size = Size(columns: 80, rows: 24)) -> State {
        Sample.state(Snapshot(at: Sample.now, items: items, sources: ClusterSample.sources), size: size)
    }

    /// The sample's item, changed.
    static func changed(_ item: Item, _ change: (inout Item, inout ClusterDetail) -> Void) -> Item {
        var item = item
        guard case .cluster(var detail) = item.detail else { return item }
        change(&item, &detail)
        item.detail = .cluster(detail)
        return item
    }

    // MARK: the list

    @Test func rowsStandInTheOrderOfUrgencyAndTheDoneAreFolded() {
        var state = Self.state()
        state.press("3 z")
        let all = ["gpu-lab-3", "hpc-train-2", "sim-eu-1", "hpc-us-1", "old-lab", "2 more"]
        #expect(state.lines.compactMap { line in all.first { line.contains($0) } } == all)
        state.press("Space")
        #expect(state.line("prod-a")?.contains("CREATE_COMPLETE") == true)
    }

    @Test(arguments: [
        ("hpc-us-1", ["pc", "us-east-1", "44% 30/48 resources", "6-11m n=14", "CREATE_IN_PROGRESS"]),
        ("hpc-train-2", ["75% 46/48 resources", "slow: usual 6-9m", "CREATE_IN_PROGRESS"]),
        ("gpu-lab-3", ["51% 35/48 resources", "rollback 12/40", "CREATE_FAILED"]),
        ("old-lab", ["40% 19/48 resources", "2-5m n=14", "DELETE_IN_PROGRESS"]),
        ("sim-eu-1", ["eu-west-1", "66% 4/6 resources", "UPDATE_IN_PROGRESS"]),
        ("prod-a", ["100% 48/48 resources", "1h ago", "CREATE_COMPLETE"]),
    ])
    func aRowSaysWhatItIsHowFarAndWhatRemains(name: String, parts: [String]) {
        var state = Self.state(size: Size(columns: 120, rows: 30))
        state.press("3 z Space")
        for part in parts { #expect(state.line(name)?.contains(part) == true, "\(part)") }
    }

    /// Cut words must not be taken for each other.
    @Test(arguments: Array(stride(from: 40, through: 200, by: 8)))
    func statesCanBeToldApartAtEveryWidth(columns: Int) {
        let words = ["CREATE_IN_PROGRESS", "CREATE_FAILED", "CREATE_COMPLETE"]
        let items = words.enumerated().map { index, word in
            ClusterSample.item(
                "c\(index)", word, .running, since: 100, percent: 10, done: 5,
                detail: ClusterDetail(region: "us-east-1", stackStatus: word))
        }
        var state = Self.state(items, size: Size(columns: columns, rows: 24))
        state.press("3 z")
        let shown = items.compactMap { state.line($0.name)?.split(separator: " ").first { $0.hasPrefix("CREATE_") } }
        #expect(Set(shown).count == 3, "\(shown)")
    }

    @Test func onlyTheRowsOfTheLateRegionAreMarkedOld() {
        var state = Self.state()
        state.press("3 z")
        #expect(state.line("sim-eu-1")?.hasPrefix(" ~>") == true)
        #expect(state.line("sim-eu-1")?.contains("~4m UPDATE_IN") == true)
        #expect(state.line("hpc-us-1")?.contains("~") == false)
        #expect(state.line("CLUSTERS 7")?.contains("eu-west-1 shown as of 21:55") == true)
    }

    @Test func theCursorFollowsTheClusterWhenItFails() {
        var state = Self.state()
        state.press("3 j j j")
        #expect(state.selectedItem?.name == "hpc-us-1")
        let failed = Self.changed(ClusterSample.creating) { item, _ in
            (item.state, item.word, item.endedAt) = (.failed, "CREATE_FAILED", Sample.now)
        }
        _ = update(&state, .changes([.item(failed)]))
        #expect(state.selectedItem?.name == "hpc-us-1")
        #expect(state.line("hpc-us-1")?.contains("CREATE_FAILED") == true)
    }

    @Test(arguments: [
        ("eu-west-1", 2), ("DELETE", 1), ("203.0.113.10", 1), ("i-0aa11bb22cc33dd44", 1), ("!create", 2),
        ("clustercreationfailure", 1), ("rollback_in", 1), ("nonsense", 0),
    ])
    func filterFindsByRegionWordAddressAndInstance(words: String, count: Int) {
        var state = Self.state()
        state.press("3 /")
        state.type(words)
        #expect(state.shown.panes[.clusters]?.total == count)
    }

    @Test func aRegionWithoutClustersSaysSo() {
        var state = Self.state([])
        state.press("3")
        #expect(state.line("No clusters yet.") != nil)
        var source = ClusterSample.source(ClusterSample.east, seen: 1)
        source.lastSuccess = nil
        state = Sample.state(Snapshot(at: Sample.now, sources: [source]))
        state.press("3")
        #expect(state.line("No answer yet") != nil)
    }

    // MARK: one cluster

    @Test func aSilentHeadNodeIsSeenUnderTheList() {
        var state = Self.state()
        state.press("3 j")
        _ = update(&state, .rested)
        #expect(state.line("21m of 30m, nothing received") != nil)
        #expect(state.line("at risk")?.contains("The head node has not signalled") == true)
        #expect(state.line("done: network and IAM 26/26") != nil)
        #expect(state.line("1 aws ec2 get-console-output") != nil)
    }

    @Test func theLimitOfTheWaitConditionIsATickOnItsBar() {
        var state = Self.state(size: Size(columns: 80, rows: 60))
        state.press("3 j Enter")
        let bar = state.line("nothing received") ?? ""
        #expect(bar.contains("▒") && bar.contains("┃"))
        _ = update(&state, .tick(Sample.now.addingTimeInterval(700)))
        #expect(state.line("32m of 30m, nothing received") != nil)
        #expect(state.lines.contains { $0.contains("overdue") })
    }

    @Test func theCauseOfAFailureComesFirst() {
        var state = Self.state()
        state.press("3 Enter")
        let order = [
            "CREATE_FAILED", "The account may not run", "1 aws service-quotas", "root cause", "failure code",
            "rollback 12/40 deleted", "phase  ", "resources  ",
        ].map { part in state.lines.firstIndex { $0.contains(part) } ?? 99 }
        #expect(order == order.sorted() && order.last != 99, "\(order)")
    }

    @Test func aReasonThatTheCauseTellsIsNotToldAgain() {
        let reason = "The vCPU limit of 32 is reached."
        let item = Self.changed(ClusterSample.failed) { item, detail in
            item.diagnosis = Diagnosis(cause: "HeadNode failed: \(reason)")
            detail.rootCause?.reason = reason
            detail.active = []
            detail.events = []
        }
        var state = Self.state([item], size: Size(columns: 120, rows: 60))
        state.press("3 Enter")
        #expect(state.lines.count { $0.contains(reason) } == 1)
    }

    @Test func whatCouldNotBeDeletedIsNamed() {
        let item = Self.changed(ClusterSample.failed) { _, detail in
            detail.rollback = .init(deleted: 38, total: 40, isOver: true, failed: ["EFS0", "HeadNodeENI"])
        }
        var state = Self.state([item])
        state.press("3")
        #expect(state.line("CREATE_FAILED")?.contains("failed 7m ago") == true)
        state.press("Enter")
        #expect(state.line("rollback 38/40 deleted, over") != nil)
        #expect(state.line("not deleted")?.contains("EFS0, HeadNodeENI") == true)
    }

    @Test(
        arguments: [
            (Phase.State.running, nil, "21m of 30m, nothing received"), (.done, 1000, "signalled after 4m"),
            (.failed, 300, "failed after 16m of 30m"),
        ] as [(Phase.State, Double?, String)])
    func theWaitConditionSaysWhatBecameOfIt(phase: Phase.State, ended: Double?, text: String) {
        let item = Self.changed(ClusterSample.hanging) { _, detail in
            detail.wait?.state = phase
            detail.wait?.endedAt = ended.map(ClusterSample.ago)
        }
        var state = Self.state([item], size: Size(columns: 80, rows: 60))
        state.press("3 Enter")
        #expect(state.line("wait condition")?.contains(text) == true)
    }

    @Test func aStuckResourceIsMarkedWithItsUsualTime() {
        var state = Self.state(size: Size(columns: 80, rows: 60))
        state.press("3 j j j Enter")
        let line = state.line("EBS0") ?? ""
        for part in ["1m35s+", "25s", "stuck", "EC2::Volume"] { #expect(line.contains(part), "\(part)") }
        #expect(state.line("HeadNodeENI")?.contains("stuck") == false)
    }

    @Test func thePageHoldsMachinesLogsEventsAndRuns() {
        var state = Self.state(size: Size(columns: 80, rows: 70))
        state.press("3 j Enter")
        let item = ClusterSample.hanging
        let run = Run(
            item: item.id, kind: .cluster, name: item.name, source: item.source, startedAt: ClusterSample.ago(90_000),
            endedAt: ClusterSample.ago(89_280), outcome: .done, word: "CREATE_COMPLETE")
        _ = update(&state, .runs(item.id, [run]))
        for part in [
            "Head Node            INITIALIZING    no log for 21m", "i-0aa11bb22cc33dd44, c5.large, running",
            "cloud-init-output  last line 21m ago", "curl: (28) Failed to connect", "slurmctld  no line yet",
            "21:38:30 HeadNode                     CREATE_COMPLETE", "1d ago  CREATE_COMPLETE  took 12m",
        ] { #expect(state.text.contains(part), "\(part)") }
    }

    @Test func aClusterThatIsDoneShowsWhatWorks() {
        var state = Self.state()
        state.press("3 Space G")
        _ = update(&state, .rested)
        for part in ["READY", "ACTIVE", "RUNNING", "4 running"] { #expect(state.text.contains(part), "\(part)") }
    }

    // MARK: keys

    @Test func yankGivesAddressCommandAndNextSteps() {
        var state = Self.state()
        state.press("3 j")
        let effects = [state.press("y n"), state.press("y i"), state.press("y c"), state.press("y 2")]
        #expect(
            effects == [
                [.copy("hpc-train-2")], [.copy("203.0.113.10")],
                [.copy("pcluster describe-cluster -n hpc-train-2 -r us-east-1")],
                [.copy("Check that the subnet has a NAT gateway or VPC endpoints.")],
            ])
    }

    @Test(arguments: [
        ("hpc-1", "hpc-1"), ("a b", "'a b'"), ("x;rm", "'x;rm'"), ("it's", "'it'\\''s'"), ("$(id)", "'$(id)'"),
        ("", "''"),
    ])
    func aNameCannotMakeACommandOfItsOwn(name: String, quoted: String) {
        #expect(ShellText.quoted(name) == quoted)
    }

    @Test func refreshAsksTheRowsRegionAndThoseThatDoNotAnswer() {
        let third = ClusterSample.source(SourceID("us-west-2"), seen: 3)
        var state = Sample.state(
            Snapshot(at: Sample.now, items: ClusterSample.items, sources: ClusterSample.sources + [third]))
        state.press("3 j j j")
        #expect(state.selectedItem?.source == ClusterSample.east)
        let effects = state.press("r")
        #expect(effects == [.refresh(ClusterSample.west), .refresh(ClusterSample.east)])
        #expect(state.line("asking eu-west-1, us-east-1 now") != nil)
        state.press("/")
        state.type("nonsense")
        state.press("Enter")
        let all = state.press("r")
        #expect(all.count == 3)
    }

    // MARK: overview and no source

    @Test func theOverviewNamesWhatRunsWithWhatRemains() {
        let state = Sample.state(ClusterSample.withNodes, size: Size(columns: 200, rows: 50))
        #expect(state.line("CLUSTERS 7") != nil)
        let line = state.lines.first { $0.contains("> hpc-us-1") } ?? ""
        for part in ["44% 30/48", "6-11m n=14", "█"] { #expect(line.contains(part), "\(part)") }
        // What needs a person stands in the list above, with its cause.
        #expect(state.lines.count { $0.contains("hpc-train-2") } == 1)
        #expect(state.lines.contains { $0.contains("hpc-train-2") && $0.contains("has not signalled") })
    }

    @Test func whatHasNoRoomInTheOverviewIsCounted() {
        let items = (0..<30).map { number in
            Self.changed(ClusterSample.creating) { item, _ in
                item.id = ItemID(kind: .cluster, source: ClusterSample.east, key: "c\(number)")
                item.name = "c\(number)"
            }
        }
        let state = Self.state(items)
        #expect(state.line("and 23 more running") != nil)
        #expect(state.lines.count { $0.contains("6-11m n=14") } == 7)
    }

    @Test func withoutARegionItSaysHowToAddOne() {
        var state = Sample.state()
        state.press("3")
        for line in ["  pcluster:", "    regions: [us-east-1, eu-west-1]", "AWS credentials"] {
            #expect(state.text.contains(line), "\(line)")
        }
    }
}
