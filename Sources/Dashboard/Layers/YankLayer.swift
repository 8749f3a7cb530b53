import Fleet
import Screen

/// What can be copied of the selected item.
enum YankLayer {
    struct Choice: Equatable {
        let key: Character
        let label: String
        let text: String
    }

    /// The choices that exist for an item: its name always, an address or what else it is known by, a command that shows it, the commands of
    /// its next steps, its JSON.
    static func choices(_ item: Item, attention: Attention?) -> [Choice] {
        var choices = [Choice(key: "n", label: "name", text: item.name)]
        if let address = KindParts.address(item) {
            choices.append(Choice(key: "i", label: "address", text: address))
        }
        choices += KindParts.copies(item).map { Choice(key: $0.key, label: $0.label, text: $0.text) }
        if let command = KindParts.command(item) { choices.append(Choice(key: "c", label: command, text: command)) }
        let steps = attention?.next.isEmpty == false ? attention?.next ?? [] : item.advice
        for (index, step) in steps.prefix(9).enumerated() {
            choices.append(Choice(key: Character(String(index + 1)), label: step, text: step))
        }
        if let json = try? FleetCoder.encoder(pretty: true).encode(
            StatusReport.Entry(item: item, attention: attention))
        {
            choices.append(Choice(key: "j", label: "JSON", text: String(decoding: json, as: UTF8.self)))
        }
        return choices
    }

    static func draw(_ state: State, into grid: inout Grid) {
        guard let item = state.selectedItem else { return }
        let lines = choices(item, attention: state.attention(of: item)).map { choice in
            Line("\(choice.key)  ", Style(.key)) + Line(choice.label, Style(.surface))
        }
        Popup.draw(lines, title: "COPY", hint: "any other key closes", state, into: &grid)
    }
}
