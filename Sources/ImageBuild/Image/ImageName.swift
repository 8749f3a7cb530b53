import Fleet

/// What EC2 takes for an image's name: 3 to 128 of `A-Za-z0-9()[] ./-'@_`. Source: the EC2 API, CreateImage.
public enum ImageName {
    private static let longest = 128
    private static let shortest = 3

    /// A name for the image of a build that was not given one: unlike any other, because its id is in it.
    public static func usual(template: String, build: String) -> String {
        // What tells it from others must not be cut off.
        let room = longest - build.utf8.count - 1
        return valid(String(valid(template).prefix(max(0, room))) + "-" + build)
    }

    /// The nearest name that EC2 takes.
    public static func valid(_ text: String) -> String {
        // A word that begins with a dash would be an option.
        let name = text.unicodeScalars.map { allows($0) ? Character($0) : "-" }.drop { $0 == "-" || $0 == " " }
        var valid = String(name.prefix(longest))
        while valid.last == " " { valid.removeLast() }
        return valid.utf8.count < shortest ? "image-\(valid)" : valid
    }

    /// What is wrong with a name that a person gave, in one sentence; nil if nothing is.
    public static func fault(_ text: String) -> String? {
        if text.unicodeScalars.allSatisfy(allows), (shortest...longest).contains(text.utf8.count), valid(text) == text {
            return nil
        }
        return
            "\(SafeText.line(text, limit: 80)) is no name of an image: 3 to 128 letters, digits and ()[] ./-'@_, not first a dash."
    }

    private static func allows(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII, let byte = UInt8(exactly: scalar.value) else { return false }
        return Ascii.isLetter(byte) || Ascii.isDigit(byte) || "()[] ./-'@_".unicodeScalars.contains(scalar)
    }
}
