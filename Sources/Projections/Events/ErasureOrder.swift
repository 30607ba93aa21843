import CareRecord
import EventLog
import Intake
import Wire

/// An order to erase what is held under one stream's key: an event of its own for each stream, in one batch.
///
/// Under the region's key, for good: it says on whose authority, and names nobody.
public struct ErasureOrder: Hashable, Sendable {
    /// What the stream is of.
    public enum Target: String, Hashable, Sendable {
        /// A source's record of a person.
        case subject
        /// Facts that name an NHS number.
        case number
        /// A quarantined message that names the person.
        case quarantined
    }

    /// Where an order stood in a log that was lost since: told by the ledger of erasures.
    public struct Origin: Hashable, Sendable {
        public var position: Position
        public var recordedAt: Instant

        public init(position: Position, recordedAt: Instant) {
            (self.position, self.recordedAt) = (position, recordedAt)
        }
    }

    /// 16 random bytes, the same for all of one batch.
    public var id: [UInt8]
    public var target: Target
    /// The slot whose key is to be destroyed.
    public var slot: KeySlot
    public var authority: String
    /// Users of the policy.
    public var approvedBy: [String]
    public var operatorUser: String?
    public var systemUser: String
    /// Whether all linked subjects were asked for.
    public var allLinked: Bool
    /// The quarantined message that goes with its key, and is open no longer.
    public var closes: Position?
    public var origin: Origin?

    public init(
        id: [UInt8], target: Target, slot: KeySlot, authority: String, approvedBy: [String],
        operatorUser: String?, systemUser: String, allLinked: Bool, closes: Position? = nil,
        origin: Origin? = nil
    ) {
        (self.id, self.target, self.slot, self.authority) = (id, target, slot, authority)
        (self.approvedBy, self.operatorUser, self.systemUser) = (approvedBy, operatorUser, systemUser)
        (self.allLinked, self.closes, self.origin) = (allLinked, closes, origin)
    }

    public var json: [UInt8] {
        var w = JSONWriter(capacity: 320)
        w.object { w in
            w.member("v", 1)
            if let closes { w.member("closes", closes.value) }
            w.key("erasureOrdered")
            w.object { w in
                w.member("id", Hex.encode(id))
                w.member("target", target.rawValue)
                w.member("slot", slot.value)
                w.member("authority", authority)
                w.key("approvedBy")
                w.array { w in for user in approvedBy { w.string(user) } }
                w.member("operator", ifPresent: operatorUser)
                w.member("systemUser", systemUser)
                w.member("allLinked", allLinked)
                guard let origin else { return }
                w.key("first")
                w.object { w in
                    w.member("position", origin.position.value)
                    w.member("time", origin.recordedAt.rfc3339)
                }
            }
        }
        return w.finish()
    }

    /// - Returns: nil for another event of housekeeping.
    public init?(json bytes: some Collection<UInt8>) throws(JSONError) {
        let root = try JSONDocument(Array(bytes)).root
        guard let order = root["erasureOrdered"], let id = order["id"]?.string.flatMap({ Hex.decode($0) }),
            let target = order["target"]?.string.flatMap(Target.init(rawValue:)),
            let slot = order.position("slot"), let authority = order["authority"]?.string
        else { return nil }
        self.init(
            id: id, target: target, slot: KeySlot(slot.value), authority: authority,
            approvedBy: order["approvedBy"]?.elements.compactMap(\.string) ?? [],
            operatorUser: order["operator"]?.string, systemUser: order["systemUser"]?.string ?? "",
            allLinked: order["allLinked"]?.bool ?? false, closes: root.position("closes"))
        guard let first = order["first"], let position = first.position("position"),
            let time = first["time"]?.string.flatMap({ Instant(rfc3339: $0) })
        else { return }
        origin = Origin(position: position, recordedAt: time)
    }
}

/// The event after an order: the keys are in no file of the store.
public struct KeysDestroyed: Hashable, Sendable {
    /// The order's.
    public var id: [UInt8]
    public var slots: [KeySlot]

    public init(id: [UInt8], slots: [KeySlot]) { (self.id, self.slots) = (id, slots) }

    public var json: [UInt8] {
        var w = JSONWriter(capacity: 96)
        w.object { w in
            w.member("v", 1)
            w.key("keysDestroyed")
            w.object { w in
                w.member("id", Hex.encode(id))
                w.key("slots")
                w.array { w in for slot in slots { w.int(slot.value) } }
            }
        }
        return w.finish()
    }

    /// - Returns: nil for another event of housekeeping.
    public init?(json bytes: some Collection<UInt8>) throws(JSONError) {
        let root = try JSONDocument(Array(bytes)).root
        guard let destroyed = root["keysDestroyed"],
            let id = destroyed["id"]?.string.flatMap({ Hex.decode($0) })
        else { return nil }
        self.init(id: id, slots: destroyed.positions("slots").map { KeySlot($0.value) })
    }
}

extension RecordHeader {
    /// Whether the record orders an erasure, as its header tells: the only housekeeping that advances a stream.
    var ordersErasure: Bool {
        recordClass == .housekeeping && flags.contains(.advancesStream) && !stream.isNone
    }
}

extension RecordOpener {
    /// - Returns: nil for another event of housekeeping.
    public func erasureOrder(of record: StoredRecord) throws(ProjectionError) -> ErasureOrder? {
        let content = try housekeeping(of: record)
        do throws(JSONError) { return try ErasureOrder(json: content) } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }

    /// - Returns: nil for another event of housekeeping.
    public func keysDestroyed(of record: StoredRecord) throws(ProjectionError) -> KeysDestroyed? {
        let content = try housekeeping(of: record)
        do throws(JSONError) { return try KeysDestroyed(json: content) } catch {
            throw .record(record.header.position, what: "\(error)")
        }
    }
}
