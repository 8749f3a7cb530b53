import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What a person sees of k0rdent deployments in the Clusters pane.
@Suite struct DeploymentStoryTests {
    static func state(_ items: [Item] = DeploymentSample.items, size: Size = Size(columns: 80, rows: 24)) -> State {
        Sample.state(Snapshot(at: Sample.now, items: items, sources: DeploymentSample.sources), size: size)
    }

    static func changed(_ item: Item, _ change: (inout Item, inout DeploymentDetail) -> Void) -> Item {
        var item = item
        guard case .deployment(var detail) = item.detail else { return item }
        change(&item, &detail)
        item.detail = .deployment(detail)
        return item
    }

    /// The page of one item, in one piece.
    static func page(_ item: Item, columns: Int = 80) -> State {
        var state = state([item], size: Size(columns: columns, rows: 120))
        state.press("3 Space Enter")
        return state
    }

    // MARK: the list

    @Test(arguments: [
        ("k0-prod-9", [" !", "k0", "5% 0/5", "failed 10m ago", "Failed"]),
        ("k0-train-1", [" >", "91% 4/5", "1 service failed", "Installing 1/3"]),
        ("k0-grow-4", [" >", "91% 4/5", "total grew 5→13", "Installing 3/13"]),
        ("k0-lab-2", [" >", "28% 1/5", "5-7m n=9", "Provisioning"]),
        ("k0-edge-2", [" >", "5% 0/5", "says ready for 8s", "Initializing"]),
        ("k0-old", [" >", "2-5m n=9", "Deleting"]), ("k0-held", [" =", "75% 3/5", "in Scaling", "Paused"]),
        ("k0-plan", [" =", "only checked", "Dry run"]), ("k0-edge-1", [" ?", "ready for only 8s", "Ready?"]),
        ("k0-prod-1", [" +", "100% 5/5", "1h ago", "Ready"]),
    ])
    func aRowSaysWhatItIsHowFarAndWhatRemains(name: String, parts: [String]) {
        var state = Self.state()
        state.press("3 z Space")
        for part in parts { #expect(state.line(name)?.contains(part) == true, "\(part)") }
    }

    @Test func aWideListSaysWhatIsCountedWhereItIsBuiltAndWhereItIsFrom() {
        var state = Self.state(size: Size(columns: 200, rows: 50))
        state.press("3 z")
        for part in ["aws ap-southeast-2", "5% 0/5 phases", "mgmt-1/team-b"] {
            #expect(state.line("k0-prod-9")?.contains(part) == true, "\(part)")
        }
        #expect(state.line("k0-grow-4")?.contains("4-9m n=9, total grew 5→13") == true)
    }

    @Test func bothKindsStandInOneOrderOfUrgency() {
        var state = Sample.state(DeploymentSample.withStacks, size: Size(columns: 100, rows: 40))
        state.press("3 z")
        let all = [
            "gpu-lab-3", "k0-prod-9", "hpc-train-2", "k0-train-1", "k0-grow-4", "sim-eu-1", "hpc-us-1", "k0-old",
            "old-lab", "k0-lab-2", "k0-edge-2", "k0-held", "k0-plan", "4 more",
        ]
        #expect(state.lines.compactMap { line in all.first { line.contains($0) } } == all)
    }

    /// One that says Ready at once is not among those that are well, also where the rules call it done.
    @Test(arguments: [Item.State.unknown, .done])
    func aFreshReadyIsDoubted(itemState: Item.State) {
        let item = Self.changed(DeploymentSample.fresh) { item, _ in item.state = itemState }
        var state = Self.state([item])
        state.press("3")
        #expect(state.line("Ready?")?.hasPrefix("▌ ?") == true)
        #expect(state.line("? fresh")?.contains("ready for 8s, 1s after its start: not trusted before 30s") == true)
    }

    @Test func aReadyThatNothingElseShowsIsNotBelieved() {
        var state = Self.state([DeploymentSample.early])
        state.press("3")
        #expect(state.line("? not yet ready")?.contains("Ready says True for 8s; nothing else shows it") == true)
    }

    @Test func aBadgeIsNotLostWhereTheWordSaysSomethingElse() {
        let item = Self.changed(DeploymentSample.deleting) { _, detail in detail.isPaused = true }
        var state = Self.state([item])
        state.press("3")
        #expect(state.line("k0-old ")?.contains("Deleting, paused") == true)
    }

    // MARK: the same name twice

    @Test(arguments: [
        (["team-a", "team-b"], "demo", ["team-a/demo", "team-b/demo"]),
        (["customer-north", "customer-south"], "production", ["…north/", "…south/"]),
        (["team", "team-x"], "a-very-long-name", ["…m/", "…-x/"]),
    ])
    func namesakesAreToldApartByTheirNamespace(namespaces: [String], name: String, shown: [String]) {
        let items = namespaces.map { DeploymentSample.ready(name, in: $0, ended: 500) }
        for columns in [40, 60, 80, 110, 200] {
            var state = Self.state(items, size: Size(columns: columns, rows: 24))
            state.press("3 Space z")
            let rows = state.lines.filter { $0.contains("/") && $0.contains("Ready") }.map { $0.dropFirst(2) }
            #expect(Set(rows).count == 2, "\(columns): \(rows)")
        }
        var state = Self.state(items)
        state.press("3 Space z")
        for part in shown { #expect(state.line(part) != nil, "\(part)") }
    }

    @Test func namesakesInOneNamespaceAreToldApartByTheirContext() {
        let items = [
            DeploymentSample.ready("demo", ended: 500),
            DeploymentSample.ready("demo", from: DeploymentSample.edge, ended: 600),
            DeploymentSample.ready("other", ended: 700),
        ]
        var state = Self.state(items)
        state.press("3 Space z")
        #expect(state.line("mgmt-1/demo") != nil && state.line("mgmt-2/demo") != nil)
        #expect(state.line(" other ") != nil)
    }

    @Test func theNeedsYouListTellsNamesakesApart() {
        let items = ["team-a", "team-b"].map { namespace in
            DeploymentSample.item(
                "demo", "Failed", .failed, in: namespace, since: 60, percent: 5,
                diagnosis: Diagnosis(cause: "quota exceeded"))
        }
        let state = Self.state(items)
        #expect(state.line("team-a/demo") != nil && state.line("team-b/demo") != nil)
    }

    // MARK: one deployment

    @Test func underTheListOneSeesWhatItWaitsFor() {
        var state = Self.state([DeploymentSample.provisioning])
        state.press("3")
        for part in [
            "+ done: Initializing 6s", "> Provisioning        1m30s+     4m (6m) n=9",
            "> 2/7 healthy          InfrastructureReady: virtualnetworks creating or updati…",
            "last milestone       33s ago: network started, VirtualNetwork k0-lab-2-vnet",
            ". to come: Bootstrapping, Scaling, Installing",
        ] { #expect(state.text.contains(part), "\(part)") }
    }

    @Test func underTheListAFailureLeavesRoomForWhatToDo() {
        var state = Self.state([DeploymentSample.installing])
        state.press("3")
        for part in [
            "at risk  Service cert-manager failed",
            "! 1/3 services         cert-manager Failed, total grew from 1 to 3",
            "1 kubectl --context mgmt-1 -n team-a describe helmrelease cert-manager", "2 Look at the pods",
        ] { #expect(state.text.contains(part), "\(part)") }
    }

    @Test func slowProgressThatIsReportedAsFailedIsNotCalledFailed() {
        let state = Self.page(DeploymentSample.provisioning)
        #expect(state.line("? not a failure")?.contains("Ready says Failed for 1m") == true)
        #expect(state.lines.contains { $0.hasPrefix(" > Ready  ") })
        #expect(!state.text.contains("! "))
    }

    @Test func thePageHoldsServicesMachinesMilestonesAndConditions() {
        let item = Self.changed(DeploymentSample.installing) { item, _ in item.diagnosis = nil }
        let state = Self.page(item)
        for part in [
            "template             azure-standalone-cp-1-0-15, credential azure-cred", "kube context         mgmt-1",
            "+ 7/7 healthy", "services 1/3", "> total grew from 1 to 3",
            "! cert-manager                Failed         35s",
            "Helm install failed for release cert-manager/cert-manager",
            "> external-secrets            Provisioning    1m", "+ ├─ K0sControlPlane k0-train-1-cp",
            "+ │  └─ Machine k0-train-1-cp-0", ">    └─ Machine k0-train-1-md-r27h8-x4k2p",
            "milestones 11, 132 further events suppressed", "+ 21:57:12  Scaling       node joined",
            "? not read             events of namespace cert-manager: forbidden in team-a",
        ] { #expect(state.text.contains(part), "\(part)") }
        // The failure stands under the service that has it.
        let rows = state.lines
        let service = rows.firstIndex { $0.contains("! cert-manager") } ?? 0
        #expect(rows[service + 1].contains("Helm install failed"))
    }

    @Test func aConditionSaysItsAgeAndWhichSpecItSpeaksOf() {
        let state = Self.page(DeploymentSample.failed)
        #expect(state.line("? spec changed")?.contains("speak of generation 3") == true)
        let order = ["! Ready ", "! CredentialReady", "? HelmReleaseReady", "+ TemplateReady"].map { part in
            state.lines.firstIndex { $0.contains(part) } ?? 99
        }
        #expect(order == order.sorted() && order.last != 99, "\(order)")
        for part in ["False", "10m", "~gen 3, old", "Failed"] {
            #expect(state.line("! CredentialReady")?.contains(part) == true, "\(part)")
        }
        #expect(
            Self.page(DeploymentSample.installing).line("ServicesInReadyState")?.contains("35s  gen 2  Failed") == true)
    }

    @Test func whileItIsInstalledAFalseConditionIsNoFailureButABrokenPrerequisiteIs() {
        let item = Self.changed(DeploymentSample.installing) { _, detail in
            // Which one is broken, the rules have said.
            var broken = DeploymentSample.condition("TemplateReady", "False", "Failed", since: 5)
            broken.isBroken = true
            detail.conditions.append(broken)
            detail.conditions.append(DeploymentSample.condition("DataSourceReady", "False", "Progressing", since: 5))
            detail.conditions.append(DeploymentSample.condition("Deleting", "False", "NotDeleting", since: 5))
        }
        let state = Self.page(item)
        #expect(state.line("ServicesInReadyState")?.hasPrefix(" > ") == true)
        #expect(state.lines.contains { $0.hasPrefix(" ! TemplateReady") })
        #expect(state.lines.contains { $0.hasPrefix(" > DataSourceReady") })
        #expect(state.lines.contains { $0.hasPrefix(" - Deleting") })
    }

    @Test func thePageScrollsToTheRawEvents() {
        var state = Self.state()
        state.press("3 j Enter")
        #expect(state.line("ClusterReconcilerNormalFailed x15") == nil)
        state.press("G")
        #expect(state.line("ClusterReconcilerNormalFailed x15  AzureCluster k0-train-1") != nil)
        #expect(state.text.contains("k0-train-1-rg/k0-train-1-vnet is not done"))
        state.press("Esc")
        #expect(state.line("CLUSTERS 10") != nil)
    }

    /// On a wide screen they stand in a column of their own, which is longer than the screen.
    @Test func theColumnOfRawEventsScrollsToItsEnd() {
        let many = Self.changed(DeploymentSample.items[0]) { _, detail in
            detail.events = (0..<60).map { index in
                DeploymentDetail.KubeEvent(
                    at: Sample.now.addingTimeInterval(Double(index) - 100), type: "Normal", reason: "Reason\(index)",
                    object: "Machine m", message: "said \(index)")
            }
        }
        var state = Self.state([many], size: Size(columns: 200, rows: 50))
        state.press("3 Space Enter")
        #expect(state.text.contains("Reason59 ") && !state.text.contains("Reason0 "))
        state.press("G")
        #expect(state.text.contains("Reason0 ") && !state.text.contains("Reason59 "))
    }

    @Test func withoutEventsItSaysWhy() {
        #expect(Self.page(DeploymentSample.paused).line("none kept; Kubernetes forgets events") != nil)
    }

    @Test func manyEqualMachinesAreOneLine() {
        let item = Self.changed(DeploymentSample.installing) { _, detail in
            detail.objects += (0..<48).map { number in
                .init(kind: "Machine", name: "w\(number)", depth: 2, word: "Running", state: .done)
            }
        }
        let state = Self.page(item)
        #expect(state.line("48 Machines")?.contains("└─ 48 Machines") == true)
        #expect(state.line("sr8cq") != nil && state.line("x4k2p") != nil)
    }

    @Test func aDeploymentThatIsReadyShowsThatAllOfItWorks() {
        var state = Self.state([DeploymentSample.ready("k0-prod-1", ended: 7000)])
        state.press("3")
        for part in ["+ Ready  100% (5/5 phases)", "+ 7/7 healthy", "+ 1/1 services", "k8s v1.32.6"] {
            #expect(state.text.contains(part), "\(part)")
        }
    }

    @Test func yankGivesACommandThatNoNameCanTurnIntoAnother() {
        let item = Self.changed(DeploymentSample.paused) { item, detail in
            (item.name, detail.context) = ("x;rm", "arn:aws:eks/a b")
        }
        var state = Self.state([item])
        state.press("3")
        #expect(
            state.press("y c") == [
                .copy("kubectl --context 'arn:aws:eks/a b' -n kcm-system get clusterdeployment 'x;rm' -o yaml")
            ])
    }

    // MARK: no source, bad input

    @Test func withoutASourceItSaysHowToAddAContext() {
        var state = Sample.state()
        state.press("3")
        for line in ["No ParallelCluster region and no kube context", "  kubernetes: [CONTEXT]", "without any entry"] {
            #expect(state.text.contains(line), "\(line)")
        }
    }

    static let hostile: Item = {
        let long = String(repeating: "名前\u{FFFD}x", count: 25)
        return changed(DeploymentSample.installing) { item, detail in
            (item.name, item.word) = (long, long)
            (detail.namespace, detail.context, detail.template, detail.region) = (long, long, long, long)
            detail.health = (0..<500).map {
                .init(name: "\(long)\($0)", isHealthy: false, text: long, parts: [long, ""])
            }
            detail.services = (0..<10_000).map {
                .init(
                    name: $0 % 2 == 0 ? "" : long, namespace: long, template: long, word: long,
                    state: $0 % 3 == 0 ? .failed : .running, failure: long, changedAt: .distantFuture)
            }
            (detail.servicesReady, detail.servicesTotal, detail.servicesGrewFrom) = (-1, Int.max, Int.min)
            detail.objects = (0..<2000).map {
                .init(kind: long, name: "", depth: $0 % 50 - 5, word: long, state: .running, createdAt: .distantPast)
            }
            detail.conditions = (0..<500).map {
                DeploymentSample.condition("\(long)\($0)", long, long, long, since: -1e12, generation: .max)
            }
            detail.milestones = (0..<500).map { _ in DeploymentSample.milestone(-1e12, long, long, long, .error) }
            detail.events = (0..<500).map { _ in
                .init(at: .distantPast, type: "", reason: long, object: long, message: long, count: .max)
            }
            detail.troubles = [long, ""]
        }
    }()

    /// Its name twice, so that they have to be told apart as well.
    @Test(arguments: [1, 40, 80, 200])
    func aHostileDeploymentStaysInsideTheScreen(columns: Int) {
        let other = Self.changed(Self.hostile) { item, detail in
            detail.namespace += "y"
            item.id = ItemID(kind: .deployment, source: item.source, key: "y/\(item.name)")
        }
        var first = Self.hostile
        first.id = ItemID(kind: .deployment, source: first.source, key: "x/\(first.name)")
        for rows in [1, 8, 24] {
            var state = Self.state([first, other], size: Size(columns: columns, rows: rows))
            for keys in ["1", "3", "z", "z Enter", "G"] {
                state.press(keys)
                let frame = view(state, size: state.size)
                #expect(frame.grid.size == state.size)
                for line in frame.grid.text().split(separator: "\n") { #expect(TextWidth.of(line) <= columns) }
            }
        }
    }
}
