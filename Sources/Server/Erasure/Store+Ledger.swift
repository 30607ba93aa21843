import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

extension Store {
    /// One erasure that was ordered.
    public struct Erasure: Hashable, Sendable {
        public var position: Position
        public var recordedAt: Instant
        public var order: ErasureOrder
    }

    /// Every erasure ordered, oldest first: one for each stream.
    public func erasures() throws(StoreError) -> [Erasure] {
        try orders().map { Erasure(position: $0.position, recordedAt: $0.recordedAt, order: $0.order) }
    }

    private func orders() throws(StoreError) -> [(
        stream: StreamToken, position: Position, recordedAt: Instant, order: ErasureOrder
    )] {
        let head = try catchUp()
        return try StoreError.translating {
            try identityReader(at: head.position).erasures().compactMap { stream, position in
                let record = try log.read(at: position)
                return try opener.erasureOrder(of: record).map {
                    (stream, position, record.header.recordedAt, $0)
                }
            }
        }
    }

    /// The ledger of erasures, as a file's bytes.
    public func erasureLedger() throws(StoreError) -> [UInt8] {
        let orders = try orders()
        let entries = orders.map { stream, position, recordedAt, order in
            ErasureLedger.Entry(
                stream: stream, position: order.origin?.position ?? position,
                recordedAt: order.origin?.recordedAt ?? recordedAt, target: order.target.rawValue,
                slot: order.slot, authority: order.authority, approvedBy: order.approvedBy,
                allLinked: order.allLinked, closes: order.closes)
        }
        return ErasureLedger(store: try identityOfStore(), entries: entries).file(keys)
    }

    /// Erases anew what a ledger says was erased: in a store that was restored from a backup older than that.
    ///
    /// - Returns: how many keys were destroyed by it; those that were destroyed already do not count.
    /// - Throws: `usage` for a ledger that is not this store's own.
    public func apply(ledger file: [UInt8], asker: Asker) throws(StoreError) -> Int {
        intake.lock()
        defer { intake.unlock() }
        try finishErasure()
        let ledger = try ErasureLedger(file: file, keys)
        guard try ledger.store == identityOfStore() else { throw .usage("the ledger is another store's") }
        let head = try catchUp()
        let id: [UInt8]
        do throws(CipherError) { id = try SecureRandom.bytes(16) } catch { throw .io("\(error)") }
        let orders = try StoreError.translating { () -> [(stream: StreamToken, order: ErasureOrder)] in
            var out: [(stream: StreamToken, order: ErasureOrder)] = []
            var taken: Set<KeySlot> = []
            let own = try log.ownSlots(of: Set(ledger.entries.map(\.stream)), through: head.position)
            for entry in ledger.entries {
                // Only where the slot is that stream's here too: one that the restored log never named was given out anew.
                guard let target = ErasureOrder.Target(rawValue: entry.target),
                    !keys.isDestroyed(entry.slot), taken.insert(entry.slot).inserted,
                    own[entry.stream, default: []].contains(entry.slot)
                else { continue }
                out.append(
                    (
                        entry.stream,
                        ErasureOrder(
                            id: id, target: target, slot: entry.slot, authority: entry.authority,
                            approvedBy: entry.approvedBy, operatorUser: asker.user,
                            systemUser: asker.systemUser, allLinked: entry.allLinked, closes: entry.closes,
                            origin: .init(position: entry.position, recordedAt: entry.recordedAt))
                    ))
            }
            return out
        }
        if orders.isEmpty { return 0 }
        _ = try carryOut(id, orders, since: head.position)
        return orders.count
    }

    private func identityOfStore() throws(StoreError) -> Digest {
        do throws(LogError) { return SHA256.hash(prefix: 0, try log.header(at: Position(1)).encoded()) } catch
        {
            throw .log(error)
        }
    }

    /// Wraps every key under another master key. The log is not touched.
    ///
    /// - Parameter create: makes a new key in that file, which must not be there.
    public func rotateMasterKey(to source: MasterKeySource, create: Bool) throws(StoreError) {
        try StoreError.translating {
            if create, case .file(let path) = source {
                try keys.rotate(to: try MasterKey.create(file: path))
            } else {
                try keys.rotate(to: try MasterKey.load(source))
            }
        }
    }
}
