import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Standing still, going through what is kept, and coming back.
extension State {
    /// What is shown is a recording.
    var isReplay: Bool { setting.replay != nil }

    /// Where the kept time ends: now, or where the recording does.
    private var end: Date { setting.replay?.range.upperBound ?? now }

    var isAtEnd: Bool { travel.map { $0.at >= end } ?? true }

    mutating func pause() {
        guard travel == nil else { return }
        travel = TimeTravel(at: now, fleet: fleet, now: now, needsCursor: isNeedsTouched ? needsCursor : nil)
    }

    /// Back to the fleet as it is, with what was set in the panes meanwhile.
    mutating func resume() {
        guard let travel, !isReplay else { return }
        self.travel = nil
        for (tab, place) in travel.places {
            var place = place
            // A log that was left alone has gone on.
            if place.log == travel.firstPlaces[tab]?.log { place.log = fleet.panes[tab]?.log }
            fleet.panes[tab]?.restore(place)
        }
        needsCursor = travel.needsCursor ?? needsCursor
        if tab == .inbox { inbox.markAllRead(now: now) }
    }

    /// `p`: stands still and goes on.
    mutating func pressPause() {
        guard isReplay else {
            if travel == nil { pause() } else { resume() }
            return
        }
        guard travel?.isPlaying == true || !isAtEnd else {
            notice = Notice("end of the recording; \(keyName(.oldest, "Home")) begins anew")
            return
        }
        travel?.isPlaying.toggle()
        travel?.playedUntil = now
    }

    // MARK: seeking

    /// By seconds, from where the keys before it lead.
    mutating func step(by seconds: Double) -> [Effect] {
        guard let travel else { return [] }
        let from = travel.target.base
        if seconds < 0, let oldest = travel.range?.lowerBound, from <= oldest {
            notice = Notice(oldestSentence)
            return []
        }
        return seek(from.addingTimeInterval(seconds))
    }

    /// To an instant; the answer is the oldest where nothing that old is kept.
    mutating func seek(_ date: Date) -> [Effect] {
        guard travel != nil else { return [] }
        if date >= end, !isReplay {
            showNow()
            return []
        }
        return ask(.at(min(date, end)))
    }

    /// By one change.
    mutating func stepChange(_ step: Int) -> [Effect] {
        guard let travel else { return [] }
        guard case .change(let count, let from) = travel.target else {
            let from = travel.target.base
            if step > 0, from >= end {
                notice = Notice(isReplay ? "end of the recording" : "this is now")
                return []
            }
            return ask(.change(step, from: from))
        }
        return ask(count + step == 0 ? .at(from) : .change(count + step, from: from))
    }

    /// To the oldest that is kept.
    mutating func seekOldest() -> [Effect] {
        guard let travel else { return [] }
        return ask(.at(setting.replay?.range.lowerBound ?? travel.range?.lowerBound ?? .distantPast))
    }

    /// To the end: back to now.
    mutating func seekEnd() -> [Effect] {
        if isReplay { return ask(.at(end)) }
        resume()
        return []
    }

    private mutating func ask(_ moment: Moment) -> [Effect] {
        guard var travel else { return [] }
        travel.playedUntil = now
        let asked = travel.seek(moment, now: now)
        self.travel = travel
        return asked.map { [.seek($0)] } ?? []
    }

    /// The fleet as it is now, standing still. A held key stops here and does not begin to mean something else.
    private mutating func showNow() {
        guard var travel else { return }
        travel.forget()
        travel.fleet = fleet
        (travel.at, travel.isPast, travel.changes, travel.unrecordedSince) = (now, false, 0, nil)
        travel.restorePlaces()
        self.travel = travel
        notice = Notice("this is now; \(keyName(.pause, "p")) goes on")
    }

    private var oldestSentence: String {
        if isReplay { return "this is the beginning of the recording" }
        return links.isEmpty
            ? "nothing older is kept" : "nothing older is kept; of attached hosts, what this screen has seen"
    }

    // MARK: answers

    /// What was recorded so many seconds ago is as good as of the instant itself: a minute without a change is told by one line.
    private static let leastGap: Double = 60

    mutating func take(_ past: Past?, of moment: Moment, why: String?) -> [Effect] {
        guard var travel else { return [] }
        let (isMeant, next) = travel.answered(moment)
        guard isMeant else { return [] }
        let isNews = why != travel.trouble
        travel.trouble = why
        travel.range = setting.replay?.range ?? past?.range
        self.travel = travel
        guard let past else {
            self.travel?.isPlaying = false
            let nothing = isReplay ? "nothing can be read from this recording" : "nothing is kept of earlier times"
            notice = Notice(why ?? nothing)
            return next.map { ask($0) } ?? []
        }
        if case .change(let count, let from) = moment, next == nil {
            // Where there is no such change, the answer is where it began, or an end of what is kept.
            if count < 0, past.snapshot.at >= from { return tell("no change is kept before this") }
            if count > 0, past.snapshot.at <= from {
                if isReplay { return tell("no change is recorded after this") }
                showNow()
                return []
            }
        }
        let open = listPane?.isOpen == true ? selectedItem : nil
        // Held once, it is changed where it is: there may be thousands of items.
        self.travel = nil
        travel.show(past.snapshot)
        travel.isPast = !isReplay
        let unrecorded = past.gap.map { past.snapshot.at.timeIntervalSince($0.lowerBound) } ?? 0
        travel.unrecordedSince = unrecorded >= Self.leastGap ? past.gap?.lowerBound : nil
        self.travel = travel
        if let why, isNews {
            notice = Notice(why)
        } else if case .at(let date) = moment, next == nil, past.range.lowerBound > date, date != .distantPast {
            notice = Notice(oldestSentence)
        } else if let open, shown.items[open.id] == nil, next == nil {
            notice = Notice("\(Text.truncated(open.name, to: 40, glyphs: setting.glyphs)) was not there then")
        }
        if isReplay, isAtEnd { self.travel?.isPlaying = false }
        return next.map { $0 == .at(past.snapshot.at) ? [] : ask($0) } ?? []
    }

    private mutating func tell(_ sentence: String) -> [Effect] {
        notice = Notice(sentence)
        return []
    }

    /// What time alone does: a recording runs, and an answer that does not come is given up.
    mutating func travelOn() -> [Effect] {
        guard let travel else { return [] }
        if let asked = travel.asked {
            guard now.timeIntervalSince(asked.at) >= onClock(TimeTravel.patience) else { return [] }
            self.travel?.forget()
            notice = Notice("what is kept of that time was not read within \(Int(TimeTravel.patience)) s; try again")
            return []
        }
        guard let replay = setting.replay else { return [] }
        if travel.range == nil { return ask(.at(replay.start)) }
        guard travel.isPlaying else { return [] }
        let seconds = min(TimeTravel.longestStep, max(0, now.timeIntervalSince(travel.playedUntil)))
        guard seconds > 0 else { return [] }
        return ask(.at(min(replay.range.upperBound, travel.at.addingTimeInterval(seconds * replay.speed))))
    }

    private func keyName(_ command: Command, _ name: String) -> String {
        setting.keymap.keyName(of: command) ?? name
    }
}
