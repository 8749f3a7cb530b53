import Glibc

/// What the bench and the stand-in for `ssh` tell each other about a link while it is used: a small file of numbers.
struct LinkBoard: Sendable {
    enum Field: Int, CaseIterable, Sendable {
        /// How long a byte takes there and back, in seconds.
        case roundTrip
        /// Bytes a second in each direction; 0 sets no limit.
        case rate
        /// Bytes that have arrived since the beginning: on the other side, and from there.
        case sent, received
        /// When the connection was there, on `Clock`; 0 before.
        case upAt
    }

    private let file: Int32

    init(path: String) throws {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchProblem("\(path) cannot be written: \(String(cString: strerror(errno))).") }
    }

    func done() { close(file) }

    subscript(field: Field) -> Double {
        get {
            var value = 0.0
            // What was never written is 0.
            _ = pread(file, &value, MemoryLayout<Double>.size, Self.place(field))
            return value
        }
        nonmutating set {
            var value = newValue
            _ = pwrite(file, &value, MemoryLayout<Double>.size, Self.place(field))
        }
    }

    private static func place(_ field: Field) -> Int { field.rawValue * MemoryLayout<Double>.size }
}
