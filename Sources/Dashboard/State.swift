import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that the screen depends on. A value: the same state and size give the same frame.
public struct State: Sendable {
    /// What does not change while the program runs.
    public struct Setting: Sendable {
        /// Where the collecting is done, for people.
        public var host: String
        public var isReadOnly: Bool
        /// What runs is the built-in sandbox, so many times as fast as the world; nil when it is real.
        public var demoSpeed: Double?
        /// Whose clock the screen shows.
        public var zone: TimeZone
        public var glyphs: Glyphs
        public var keymap: Keymap
        /// Where a source is added, for the hint of a pane without one.
        public var configPath: String
        /// A recording that is shown; nil when it is the world, or the sandbox.
        public var replay: ReplaySetting?
        /// Hosts where the collecting is done instead; none when it is done here. Sources of several have the host's name and a `/`
        /// before their own.
        public var attached: [String]

        public init(
            host: String, isReadOnly: Bool = true, demoSpeed: Double? = nil, zone: TimeZone = .gmt,
            glyphs: Glyphs = .box, keymap: Keymap = .standard, configPath: String, replay: ReplaySetting? = nil,
            attached: [String] = []
        ) {
            self.replay = replay
            self.attached = attached
            self.host = host
            self.isReadOnly = isReadOnly
            self.demoSpeed = demoSpeed
            self.zone = zone
            self.glyphs = glyphs
            self.keymap = keymap
            self.configPath = configPath
        }
    }

    public let setting: Setting
    public internal(set) var now: Date
    public internal(set) var size = Size(columns: 80, rows: 24)
    var tab = Tab.overview
    var fleet = FleetModel()
    /// Nil while the fleet is shown as it is now; never in a recording.
    var travel: TimeTravel?
    var links = Links()
    var layers: [Layer] = []
    var inbox = InboxModel()
    /// The row of the needs-you list.
    var needsCursor: ItemID?
    /// A person has moved that cursor. Until then it is on the most urgent row, whichever that is.
    var isNeedsTouched = false
    var isZoomed = false
    /// The item whose details are shown while the cursor moves on: they follow when it rests, for they cost more bytes than the move.
    var restingItem: ItemID?
    var runs: (item: ItemID, list: [Run])?
    /// The item whose runs were asked for last.
    var runsAsked: ItemID?
    var notice: Notice?
    /// Actions that were sent and are not answered yet; one for an item at most.
    var asked: [ItemID: AskedAction] = [:]
    /// Items that the kept head does not hold, counted; empty once the fleet is there.
    var unread: [Kind: [Item.State: Int]] = [:]
    var lastReview: Date

    public init(setting: Setting, now: Date) {
        self.setting = setting
        self.now = now
        lastReview = now
        for tab in Tab.lists { fleet.panes[tab]?.isFolded = tab.foldsDone }
        links = Links(hosts: setting.attached)
        if let replay = setting.replay {
            travel = TimeTravel(at: replay.start, fleet: fleet, now: now)
            travel?.isPlaying = true
        }
    }

    /// What was kept from an earlier time, for the first frame: shown dated and marked until the sources answer.
    ///
    /// - Parameter unread: how many items there were besides those in `snapshot`.
    public mutating func restore(_ snapshot: Snapshot, unread: [Kind: [Item.State: Int]]) {
        fleet.replace(with: snapshot, now: now)
        fleet.settle(now: now)
        inbox.markAllRead(now: now)
        self.unread = unread
    }

    /// Seconds of the screen's clock in so many of a person's: that of the demo runs fast, and who waits or reads does not.
    func onClock(_ seconds: Double) -> Double { seconds * max(1, setting.demoSpeed ?? 1) }

    /// What is looked at: the fleet, or as it was at another instant.
    var shown: FleetModel { travel?.fleet ?? fleet }
    /// The instant that is looked at.
    var shownAt: Date { travel?.at ?? now }

    /// Something is being typed in the last line.
    var isTypingBelow: Bool {
        switch layers.last {
        case .filter, .search, .command: true
        case .help, .yank, .actions, .prompt, nil: false
        }
    }

    /// The item whose details are shown.
    var detailItem: Item? { restingItem.flatMap { shown.items[$0] } ?? selectedItem }

    /// The item that the cursor is on.
    var selectedItem: Item? {
        let id = tab == .overview ? needsCursor : shown.panes[tab]?.selectedItem
        return id.flatMap { shown.items[$0] }
    }
}

/// What lies over the panes and takes the keys first.
enum Layer: Equatable, Sendable {
    /// All keys; the first visible line.
    case help(top: Int)
    /// The filter being typed, and what it was before.
    case filter(text: String, earlier: String)
    /// The text being typed that is looked for in the log, and how the log was read before it; nil if it was not open.
    case search(text: String, before: LogReading?)
    /// What can be copied.
    case yank
    /// What can be done to an item.
    case actions(ActionMenu)
    /// The question before something is done to it.
    case prompt(ActionPrompt)
    /// The command being typed.
    case command(String)
}
