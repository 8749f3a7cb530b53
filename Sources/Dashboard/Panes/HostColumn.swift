import Fleet
import Screen

/// Where several hosts collect, each row says whose it is: a column behind the name, which the panes themselves know nothing of.
extension State {
    private static let hostColumn = 2

    func withHosts(_ table: Table) -> Table {
        guard let width = hostWidth else { return table }
        var table = table
        table.columns.insert(.init("HOST", width: .fixed(width)), at: Self.hostColumn)
        return table
    }

    /// The widths of the columns that are shown, by their index without that of the hosts.
    func widths(_ table: Table, width: Int) -> [Int: Int] {
        var widths: [Int: Int] = [:]
        for place in table.layout(width: width) {
            if hostWidth == nil || place.index < Self.hostColumn {
                widths[place.index] = place.width
            } else if place.index > Self.hostColumn {
                widths[place.index - 1] = place.width
            }
        }
        return widths
    }

    /// - Parameter item: nil for a row that stands for many.
    func withHost(_ cells: [Line], of item: Item?) -> [Line] {
        guard hostWidth != nil, cells.count >= Self.hostColumn else { return cells }
        var cells = cells
        cells.insert(item.map { hostCell($0.source) } ?? Line(), at: Self.hostColumn)
        return cells
    }
}
