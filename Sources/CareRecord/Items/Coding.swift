import Wire

/// A code in a code system, both exactly as sent. The system is empty where the source gave none.
public struct Coding: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var system: String
    public var code: String

    public init(system: String, code: String) { (self.system, self.code) = (system, code) }

    /// `system|code`, as FHIR token searches write it.
    public var description: String { "\(system)|\(code)" }

    public static func < (a: Coding, b: Coding) -> Bool { (a.system, a.code) < (b.system, b.code) }
}
