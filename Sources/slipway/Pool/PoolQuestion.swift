import Fleet
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// Asks whoever sits at the terminal.
enum PoolQuestion {
    /// Lets a person type a cluster's name again.
    ///
    /// - Parameter what: what will be lost.
    /// - Returns: false when something else was typed, or when there is no terminal.
    static func isAgreed(_ what: String, _ cluster: String) -> Bool {
        guard isatty(0) == 1, isatty(2) == 1 else { return false }
        Output.error("This needs your word: \(what).\nType \(cluster) to go on:")
        return readLine(strippingNewline: true)?.trimmingCharacters(in: .whitespaces) == cluster
    }
}
