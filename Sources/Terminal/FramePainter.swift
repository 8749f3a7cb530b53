import CTerm
import Screen

/// Brings frames onto the terminal: compares with the last one and hands what differs to curses, which finds the
/// cheapest bytes for it.
@MainActor
struct FramePainter {
    private let depth: ColorDepth
    private var theme: Theme?
    private var faces: [ResolvedFace] = []
    private var pairs: [Int16] = []
    private var shown: Frame?
    private var cells: [ct_cell] = []

    init(depth: ColorDepth) { self.depth = depth }

    /// What is on the terminal is not what was painted last: the next frame is painted whole.
    mutating func forget() { shown = nil }

    /// Paints what differs from the last frame. Returns false, and has written nothing, if nothing does.
    mutating func paint(_ frame: Frame, theme newTheme: Theme) -> Bool {
        if theme != newTheme { use(newTheme) }
        if let shown, shown.grid.size != frame.grid.size { ct_erase() }
        let spans = FrameDiff.spans(from: shown?.grid, to: frame.grid)
        if !spans.isEmpty || shown == nil || shown?.cursor != frame.cursor {
            for span in spans { put(span, of: frame.grid) }
            ct_flush(Int32(clamping: frame.cursor?.row ?? -1), Int32(clamping: frame.cursor?.column ?? 0))
        } else if shown == frame {
            return false
        }
        shown = frame
        return true
    }

    /// The title that the last frame asked for.
    var title: String? { shown?.title }

    /// The last frame had the bell.
    var bell: Bool { shown?.bell ?? false }

    private mutating func use(_ newTheme: Theme) {
        theme = newTheme
        shown = nil
        faces = newTheme.resolved(depth: depth)
        // One pair per role, defined once per theme. Pairs given out on demand would run out on a terminal that has
        // 64 of them, and curses then recycles pairs that are still on the screen.
        pairs = faces.enumerated().map { index, face in
            if face.fg < 0, face.bg < 0 { return 0 }
            return Int16(ct_pair(Int32(index + 1), face.fg, face.bg))
        }
    }

    private mutating func put(_ span: RowSpan, of grid: Grid) {
        cells.removeAll(keepingCapacity: true)
        var look = self.look(before: span, of: grid)
        for column in span.columns {
            let cell = grid[span.row, column]
            // Nothing of a plain blank can be seen: in the look of what stands before it, it costs no change of colour.
            if !isPlainBlank(cell) || !look.isPlain { look = self.look(of: cell) }
            cells.append(
                ct_cell(
                    base: cell.base.value, mark1: cell.mark1?.value ?? 0, mark2: cell.mark2?.value ?? 0,
                    width: cell.width, attributes: look.attributes.rawValue, pair: look.pair))
        }
        ct_put(Int32(span.row), Int32(span.columns.lowerBound), cells, Int32(cells.count))
    }

    /// How a cell looks on this terminal.
    private struct Look {
        var attributes: Attributes
        var pair: Int16
        /// A blank in it is nothing but a blank.
        var isPlain: Bool
    }

    private func look(of cell: Cell) -> Look {
        let role = Int(cell.style.role.rawValue)
        let attributes = faces[role].attributes.union(cell.style.attributes)
        return Look(
            attributes: attributes, pair: pairs[role],
            isPlain: faces[role].bg < 0 && attributes.isDisjoint(with: [.underline, .reverse]))
    }

    /// The look of the last thing to be seen in front of a span, so that a blank looks the same whichever span it is painted in.
    private func look(before span: RowSpan, of grid: Grid) -> Look {
        for column in stride(from: span.columns.lowerBound - 1, through: 0, by: -1) {
            let cell = grid[span.row, column]
            if !isPlainBlank(cell) { return look(of: cell) }
        }
        return Look(attributes: [], pair: 0, isPlain: true)
    }

    private func isPlainBlank(_ cell: Cell) -> Bool {
        cell.base == " " && cell.width == 1 && cell.mark1 == nil && look(of: cell).isPlain
    }
}
