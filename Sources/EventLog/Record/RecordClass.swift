/// What kind of thing a record tells. The log treats a class as opaque, save that it publishes a head for each.
public struct RecordClass: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The first record of every log.
    public static let storeCreated = RecordClass(rawValue: 1)
    /// A fact about the region: agreements, roles, users.
    public static let regionFact = RecordClass(rawValue: 2)
    /// A fact about a patient: relationships, restrictions, permissions.
    public static let patientFact = RecordClass(rawValue: 3)
    /// A source's message and the resources derived from it.
    public static let sourceUpdate = RecordClass(rawValue: 4)
    /// A message that could not be taken, whole, with its reason.
    public static let quarantined = RecordClass(rawValue: 5)
    /// Links, merges, numbers: what moves identity and is not a source update.
    public static let identity = RecordClass(rawValue: 6)
    /// A view, refusal or failure, as it was answered.
    public static let receipt = RecordClass(rawValue: 7)
    /// Retries, closings of quarantine and the like.
    public static let housekeeping = RecordClass(rawValue: 8)

    /// Something for a person to look into: it follows its cause in the same batch.
    public static let alert = RecordClass(rawValue: 9)

    public var description: String {
        switch rawValue {
        case 1: "store-created"
        case 2: "region-fact"
        case 3: "patient-fact"
        case 4: "source-update"
        case 5: "quarantined"
        case 6: "identity"
        case 7: "receipt"
        case 8: "housekeeping"
        case 9: "alert"
        default: "class-\(rawValue)"
        }
    }
}
