#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Keeps an optional in the room of its value, where there are so many that the other half counts: one value of the type stands for nil.
@propertyWrapper
public struct Slim<Value: SlimValue>: Sendable, Equatable {
    private var kept: Value

    public init(wrappedValue: Value?) { kept = wrappedValue ?? .nothing }

    public var wrappedValue: Value? {
        get { kept.isNothing ? nil : kept }
        set { kept = newValue ?? .nothing }
    }

    /// Not by what is kept: not-a-number differs from itself.
    public static func == (left: Slim, right: Slim) -> Bool { left.wrappedValue == right.wrappedValue }
}

/// A type with a value that says nothing.
public protocol SlimValue: Sendable, Equatable {
    static var nothing: Self { get }
    var isNothing: Bool { get }
}

extension Double: SlimValue {
    public static var nothing: Double { .nan }
    public var isNothing: Bool { isNaN }
}

/// A time in the year 1, which no system tells (`WireTime` refuses it). Not one that is not a number: to print that ends the program.
extension Date: SlimValue {
    public static var nothing: Date { .distantPast }
    public var isNothing: Bool { self == .distantPast }
}

extension Int: SlimValue {
    public static var nothing: Int { .min }
    public var isNothing: Bool { self == .min }
}
