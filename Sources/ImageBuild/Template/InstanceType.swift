/// The shape of an EC2 instance type: `c5.2xlarge`.
enum InstanceType {
    /// What is wrong with a text that should be one: the character, and why; nil if nothing is.
    ///
    /// - Parameter isHead: by pctl's rule for the head node, one letter, one digit, letters and digits, a point, letters and digits.
    static func wrong(in text: String, isHead: Bool) -> (offset: Int, text: String, fix: String)? {
        let scalars = Array(text.unicodeScalars.prefix(64))
        if let capital = scalars.firstIndex(where: { ("A"..."Z").contains($0) }) {
            return (capital, "it is written in small letters", "write \(text.lowercased().prefix(64))")
        }
        guard let point = scalars.firstIndex(of: ".") else {
            return (scalars.count, "it has no `.` before its size", "write it like c5.2xlarge")
        }
        let isPart: (Unicode.Scalar) -> Bool = {
            SpecCharacter.isLower($0) || SpecCharacter.isDigit($0) || (!isHead && $0 == "-")
        }
        if let wrong = scalars.indices.first(where: { $0 != point && !isPart(scalars[$0]) }) {
            return (wrong, "\(SpecCharacter.shown(scalars[wrong])) is never part of one", "write it like c5.2xlarge")
        }
        guard let first = scalars.first, SpecCharacter.isLower(first) else {
            return (0, "it begins with a letter", "write it like c5.2xlarge")
        }
        guard point + 1 < scalars.count else {
            return (scalars.count, "it has no size behind the `.`", "write \(text)large")
        }
        if isHead {
            guard point > 1, SpecCharacter.isDigit(scalars[1]) else {
                return (
                    1, "for the head node pctl takes one letter and one digit first", "choose a type such as c5.large"
                )
            }
        } else if !scalars[..<point].contains(where: SpecCharacter.isDigit) {
            return (point, "its family has no number", "write it like c5.2xlarge")
        }
        return nil
    }
}
