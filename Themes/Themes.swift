/// The theme files that are part of the program, so that it needs nothing beside its binary.
public enum BuiltInThemes {
    /// Their names, the default first.
    public static let names = ["default-dark", "default-light", "mono"]

    /// The text of a theme file; nil when there is none of this name.
    public static func yaml(named name: String) -> String? {
        let bytes: [UInt8]
        switch name {
        case "default-dark": bytes = PackageResources.default_dark_yaml
        case "default-light": bytes = PackageResources.default_light_yaml
        case "mono": bytes = PackageResources.mono_yaml
        default: return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
