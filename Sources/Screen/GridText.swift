extension Grid {
    /// The text of the grid, rows joined by line ends, blanks at the end of rows left out. For golden files, for
    /// screen readers and for people who paste a screen into a ticket.
    public func text() -> String {
        (0..<size.rows).map { row in
            var line = ""
            for column in 0..<size.columns { line += self[row, column].text }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    /// The styles of the grid, one letter a cell: `Role.letter`, in upper case where the cell is bold, a blank for a
    /// plain blank cell. A row with other attributes names them and their columns behind its letters, as in
    /// `ccccc  [reverse 0-4]`. Blanks at the end of rows are left out.
    ///
    /// | letter | role | letter | role | letter | role |
    /// |---|---|---|---|---|---|
    /// | t | text | a | match | l | barFill |
    /// | u | surface | o | statusOk | e | barRest |
    /// | m | muted | r | statusRun | j | barUsual |
    /// | b | border | w | statusWait | q | barLimit |
    /// | f | borderFocus | n | statusWarn | g | graphLow |
    /// | i | title | x | statusFail | p | graphHigh |
    /// | k | key | s | statusStale | | |
    /// | c | cursor | h | statusHold | | |
    public func styles() -> String {
        (0..<size.rows).map { row in
            var line = ""
            for column in 0..<size.columns {
                let cell = self[row, column]
                let bold = cell.style.attributes.contains(.bold)
                if cell == .blank() {
                    line.append(" ")
                } else {
                    line += bold ? cell.style.role.letter.uppercased() : String(cell.style.role.letter)
                }
            }
            while line.last == " " { line.removeLast() }
            let notes = attributeNotes(row: row)
            return notes.isEmpty ? line : line + "  [" + notes.joined(separator: ", ") + "]"
        }.joined(separator: "\n")
    }

    private func attributeNotes(row: Int) -> [String] {
        let named: [(String, Attributes)] = [("dim", .dim), ("underline", .underline), ("reverse", .reverse)]
        return named.flatMap { name, attribute in
            var notes: [String] = []
            var first: Int?
            for column in 0...size.columns {
                let has = column < size.columns && self[row, column].style.attributes.contains(attribute)
                if has, first == nil { first = column }
                if !has, let start = first {
                    notes.append("\(name) \(start)-\(column - 1)")
                    first = nil
                }
            }
            return notes
        }
    }
}
