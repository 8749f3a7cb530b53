import Yams

/// Reads the registers of this room that are embedded as YAML.
enum DiagnosisRegister {
    /// - Returns: nil if the data are broken; a test keeps that from happening, and whoever asks has something general
    /// to say.
    static func read<Register: Decodable>(_ bytes: [UInt8], as type: Register.Type = Register.self) -> Register? {
        try? decode(bytes, as: type)
    }

    /// - Throws: what is wrong with the data, and where.
    static func decode<Register: Decodable>(_ bytes: [UInt8], as type: Register.Type) throws -> Register {
        try YAMLDecoder().decode(type, from: String(decoding: bytes, as: UTF8.self))
    }
}
