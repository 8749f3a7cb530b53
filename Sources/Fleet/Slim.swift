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

extension Date: SlimValue {
    public static var nothing: Date { Date(timeIntervalSinceReferenceDate: .nan) }
    public var isNothing: Bool { timeIntervalSinceReferenceDate.isNaN }
}

extension Int: SlimValue {
    public static var nothing: Int { .min }
    public var isNothing: Bool { self == .min }
}
