/// How much `slipway ami` tells: the seed's levels.
enum AmiLevel: Int, Comparable, Sendable {
    /// Level 0: the package, its phase, the bar, the disk.
    case summary
    /// Level 1, `--progress`: all packages by name.
    case packages
    /// Level 2, `--verbose`: everything.
    case everything

    static func < (left: AmiLevel, right: AmiLevel) -> Bool { left.rawValue < right.rawValue }
}
