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
            notice = Notice(isReplay ? "this is the beginning of the recording" : "nothing older is kept")
            return []
        }
        return seek(from.addingTimeInterval(seconds))
    }

    /// To an instant; no further than there is something.
    mutating func seek(_ date: Date) -> [Effect] {
        guard let travel else { return [] }
        if date >= end, !isReplay {
            showNow()
            return []
        }
        return ask(.at(min(max(date, travel.range?.lowerBound ?? date), end)))
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
        (travel.at, travel.isPast, travel.changes) = (now, false, 0)
        travel.restorePlaces()
        self.travel = travel
        notice = Notice("this is now; \(keyName(.pause, "p")) goes on")
    }

    // MARK: answers

    mutating func take(_ past: Past?, of moment: Moment) -> [Effect] {
        guard var travel else { return [] }
        let (isMeant, next) = travel.answered(moment)
        guard isMeant else { return [] }
        self.travel = travel
        self.travel?.range = setting.replay?.range ?? past?.range
        guard let past else {
            self.travel?.isPlaying = false
            notice = Notice(isReplay ? "nothing can be read from this recording" : "nothing is kept of earlier times")
            return []
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
        travel.range = self.travel?.range
        // Held once, it is changed where it is: there may be thousands of items.
        self.travel = nil
        travel.show(past.snapshot)
        travel.isPast = !isReplay
        self.travel = travel
        if let open, shown.items[open.id] == nil, next == nil {
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
            guard now.timeIntervalSince(asked.at) >= TimeTravel.patience else { return [] }
            self.travel?.forget()
            notice = Notice("what is kept of that time could not be read in time")
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
