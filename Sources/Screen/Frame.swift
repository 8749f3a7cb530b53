/// Everything one look at the terminal shows. A view is a function from state to a frame; two equal frames cost
/// nothing to paint one after the other.
public struct Frame: Equatable, Sendable {
    /// A cell.
    public struct Position: Equatable, Hashable, Sendable {
        /// From the top, 0 first.
        public var row: Int
        /// From the left, 0 first.
        public var column: Int

        /// A cell.
        public init(row: Int, column: Int) {
            self.row = row
            self.column = column
        }
    }

    /// The picture.
    public var grid: Grid
    /// Where the text cursor stands; nil hides it.
    public var cursor: Position?
    /// The title of the terminal window; nil leaves it.
    public var title: String?
    /// Sounds the bell when this frame is painted after one without; frames that keep it do not sound it again.
    public var bell: Bool

    /// A frame.
    public init(grid: Grid, cursor: Position? = nil, title: String? = nil, bell: Bool = false) {
        self.grid = grid
        self.cursor = cursor
        self.title = title
        self.bell = bell
    }
}
