import Ciphers
import EventLog
import Intake
import Wire

/// What was erased and on whose authority, in a file to keep apart from the backups: a store restored from an older one is told by it
/// what must not come back.
///
/// It names nobody: streams are keyed hashes. A code keyed by the store tells a ledger that is not this store's, or was changed.
struct ErasureLedger: Sendable {
    struct Entry: Hashable, Sendable {
        var stream: StreamToken
        var position: Position
        var recordedAt: Instant
        var target: String
        var slot: KeySlot
        var authority: String
        var approvedBy: [String]
        var allLinked: Bool
        /// The quarantined message's place, where it is one.
        var closes: Position?
    }

    /// The leaf of position 1, which tells stores apart.
    var store: Digest
    var entries: [Entry]

    /// Bytes of a ledger that is read, at most.
    static let maximumBytes = 1 << 30

    /// The file: one JSON object, the code over everything before it.
    func file(_ keys: KeyStore) -> [UInt8] {
        var out = content
        out.removeLast()
        out += Array(",\"code\":\"\(keys.token(.ledger, content))\"}\n".utf8)
        return out
    }

    private var content: [UInt8] {
        var w = JSONWriter(capacity: 128 + entries.count * 320)
        w.object { w in
            w.member("v", 1)
            w.member("store", store.hex)
            w.key("erasures")
            w.array { w in for entry in entries { Self.write(entry, into: &w) } }
        }
        return w.finish()
    }

    private static func write(_ entry: Entry, into w: inout JSONWriter) {
        w.object { w in
            w.member("position", entry.position.value)
            w.member("time", entry.recordedAt.rfc3339)
            w.member("stream", entry.stream.description)
            w.member("target", entry.target)
            w.member("slot", entry.slot.value)
            w.member("authority", entry.authority)
            w.key("approvedBy")
            w.array { w in for user in entry.approvedBy { w.string(user) } }
            w.member("allLinked", entry.allLinked)
            if let closes = entry.closes { w.member("closes", closes.value) }
        }
    }

    /// - Throws: `usage` where it is no ledger, or not one of the store whose keys these are.
    init(file: [UInt8], _ keys: KeyStore) throws(StoreError) {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(file).root } catch {
            throw .usage("the ledger is not JSON: \(error)")
        }
        guard root["v"]?.int == 1, let store = root["store"]?.string.flatMap({ Digest(hex: $0) }),
            let code = root["code"]?.string, let list = root["erasures"]
        else { throw .usage("the file is no ledger of erasures") }
        self.store = store
        entries = []
        for element in list.elements {
            guard let entry = Entry(element) else { throw .usage("an entry of the ledger does not read") }
            entries.append(entry)
        }
        guard "\(keys.token(.ledger, content))" == code else {
            throw .usage("the ledger is not as this store wrote it: it was changed, or is another store's")
        }
    }

    init(store: Digest, entries: [Entry]) { (self.store, self.entries) = (store, entries) }
}

extension ErasureLedger.Entry {
    init?(_ json: JSONCursor) {
        guard let stream = json["stream"]?.string.flatMap({ Hex.decode($0) }).flatMap({ StreamToken($0) }),
            let position = json.number("position"), let slot = json.number("slot"),
            let time = json["time"]?.string.flatMap({ Instant(rfc3339: $0) }),
            let target = json["target"]?.string, let authority = json["authority"]?.string
        else { return nil }
        self.init(
            stream: stream, position: Position(position), recordedAt: time, target: target,
            slot: KeySlot(slot), authority: authority,
            approvedBy: json["approvedBy"]?.elements.compactMap(\.string) ?? [],
            allLinked: json["allLinked"]?.bool ?? false, closes: json.number("closes").map { Position($0) })
    }
}

extension JSONCursor {
    fileprivate func number(_ name: String) -> UInt64? { self[name]?.number.flatMap { UInt64($0) } }
}
