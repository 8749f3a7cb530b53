import Screen

/// Columns of text without colour, for whatever prints a table and exits.
enum PlainTable {
    /// - Parameters:
    ///   - titles: one for each column.
    ///   - rows: as many cells each.
    /// - Returns: the titles and the rows, each column as wide as its widest cell.
    static func lines(_ titles: [String], _ rows: [[String]]) -> [String] {
        let widths = titles.indices.map { index in ([titles] + rows).map { TextWidth.of($0[index]) }.max() ?? 0 }
        return ([titles] + rows).map { cells in
            let line = zip(cells, widths).map { Text.padded($0, to: $1) }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
