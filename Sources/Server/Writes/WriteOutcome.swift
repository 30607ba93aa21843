import Intake
import Wire

/// What became of a source's write.
public enum WriteOutcome: Sendable {
    /// It is durable at that position, since now or, where it came `again`, since before.
    case taken(MessageDraft, Position, again: Bool)
    /// It was taken at that position, as such messages were read then; now they would go to quarantine.
    case takenBefore(Position)
    /// It is durable in quarantine, under the id of that position.
    case quarantined(Position, IntakeReject)
    /// Nothing was to be done: what it asks for is so. The id is Daybook's.
    case standing(type: String, id: String, version: Position?)
    /// A transaction of creations alone, all of which are held already: in its entries' order.
    case allStanding([WrittenResource])
    /// Nothing was done, since what is held stands against it.
    case conflict(WriteConflict)
}

/// Why a write was not carried out. Nothing was recorded: the same may be sent again.
public enum WriteConflict: Error, Hashable, Sendable {
    /// Another version is in force than the one that must be; nil: none is held.
    case version(Position?)
    /// A resource of that id is held: update it.
    case exists(Position)
    /// The criteria find so many.
    case several(Int)
    /// The criteria cannot be answered for a resource that names no patient, or is none.
    case notConditional
    /// A condition that an entry of a transaction cannot have: a search in an update, a version without an address.
    case notInTransaction
    /// Of a type that each patient's message brings along, and none such was sent by itself.
    case shared(String)
    /// The criteria find another resource than the body names.
    case otherResource
}

/// One resource of a write that was taken, as it can be read now.
public struct WrittenResource: Hashable, Sendable {
    public var type: String
    /// Daybook's.
    public var id: String
    /// The position of the event that carries this version.
    public var version: Position
    public var recordedAt: Instant
    /// Nothing of that id was held before.
    public var isNew: Bool
    public var isDeletion: Bool
    /// The resource with its version, as a read gives it; empty for a deletion.
    public var content: [UInt8]
    /// Of a write that came again and does not say when it was asserted: the version that is in force since.
    public var superseded: Position?
}
