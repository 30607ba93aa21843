import CareRecord
import Ciphers
import EventLog
import LMDB
import Wire

/// Policy as of one position that the read model has reached.
///
/// Rows are only ever added, each under the position that made it, so reads as of one position agree with each other without
/// sharing a transaction.
public struct PolicyReader: Sendable {
    let view: ProjectionView<PolicyProjection>
    public let position: Position

    public init(_ view: ProjectionView<PolicyProjection>, at position: Position) {
        (self.view, self.position) = (view, position)
    }

    /// The facts kept under any of the tokens, by position.
    ///
    /// - Throws: `damaged` where a row does not open or decode.
    public func facts(under tokens: [StreamToken]) throws(ProjectionError) -> [StoredFact] {
        let keys = view.projection.keys
        let region: SecretKey
        do throws(LogError) { region = try keys.key(.region) } catch { throw .log(error) }
        var rows: [(key: [UInt8], value: [UInt8])] = []
        let (tables, position) = (view.tables, self.position)
        do throws(LMDBError) {
            try view.environment.withReadTransaction { (txn: borrowing ReadTransaction) throws(LMDBError) in
                for token in tokens {
                    try txn.forEach(tables.facts, prefix: token.bytes) { key, value in
                        guard Position(bigEndian: key.dropFirst(16)) <= position else { return }
                        rows.append((Array(key), Array(value)))
                    }
                }
            }
        } catch { throw ProjectionError(error) }
        var out: [StoredFact] = []
        out.reserveCapacity(rows.count)
        for row in rows { out.append(try Self.decode(row.key, row.value, region)) }
        out.sort { $0.position < $1.position }
        return out
    }

    private static func decode(
        _ key: [UInt8], _ value: [UInt8], _ region: SecretKey
    ) throws(ProjectionError) -> StoredFact {
        let bytes: [UInt8]
        do throws(CipherError) {
            bytes = try AESGCM.open(value, key: region, authenticating: key)
        } catch { throw .damaged(what: "policy: a fact's row does not open: \(error)") }
        guard let under = StreamToken(key.prefix(16)) else { throw .damaged(what: "policy: a fact's key") }
        do throws(WireError) {
            var reader = ByteReader(bytes)
            let recordedAt = Instant(microseconds: try reader.i64())
            let fact = try PatientFact(decoding: bytes[reader.offset...])
            return StoredFact(
                fact: fact, under: under, position: Position(bigEndian: key.dropFirst(16)),
                recordedAt: recordedAt)
        } catch { throw .damaged(what: "policy: a fact does not decode: \(error)") }
    }

    /// Where the fact of that kind and id is kept: the last one at or before the position.
    public func keptUnder(_ kind: PatientFactKind, id: String) throws(ProjectionError) -> StreamToken? {
        try kept(kind, id: id).last
    }

    /// Everyone under whom such a fact was ever kept up to the position, in the order in which they came.
    public func everKeptUnder(
        _ kind: PatientFactKind, id: String
    ) throws(ProjectionError) -> [StreamToken] {
        var met: Set<StreamToken> = []
        return try kept(kind, id: id).filter { met.insert($0).inserted }
    }

    private func kept(_ kind: PatientFactKind, id: String) throws(ProjectionError) -> [StreamToken] {
        let prefix = view.projection.keys.token(.view, FactIDs.canonicalBytes(kind, id: id)).bytes
        var found: [StreamToken] = []
        let (tables, position) = (view.tables, self.position)
        do throws(LMDBError) {
            try view.environment.withReadTransaction { (txn: borrowing ReadTransaction) throws(LMDBError) in
                try txn.forEach(tables.ids, prefix: prefix) { key, value in
                    if Position(bigEndian: key.dropFirst(16)) <= position, let token = StreamToken(value) {
                        found.append(token)
                    }
                }
            }
        } catch { throw ProjectionError(error) }
        return found
    }

    /// Where the region's facts stand, after `start` and up to the position.
    public func regionFacts(after start: Position) throws(ProjectionError) -> [Position] {
        var out: [Position] = []
        let (tables, position) = (view.tables, self.position)
        do throws(LMDBError) {
            try view.environment.withReadTransaction { (txn: borrowing ReadTransaction) throws(LMDBError) in
                try txn.withCursor(tables.region) { (cursor: inout Cursor) throws(LMDBError) in
                    var found = try cursor.seek(ascending(start.next))
                    while found {
                        let at = Position(bigEndian: cursor.key)
                        if at > position { return }
                        out.append(at)
                        found = try cursor.next()
                    }
                }
            }
        } catch { throw ProjectionError(error) }
        return out
    }
}
