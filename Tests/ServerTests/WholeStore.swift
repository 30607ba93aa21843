import CareRecord
import Foundation
import Intake
import Testing
import Wire

@testable import LMDB
@testable import Server

/// The golden store with an entry in every table of every read model: searches and views of its own, a hospital's merge that is said
/// again and undone, a link raised for review, an alert, an erasure, a message refused, a client that signed in.
enum WholeStore {
    static func make() throws -> OldStoreTests.OldStore {
        let old = try StoreVerificationTests.filled()
        let store = try Store(at: old.directory, now: Instant(rfc3339: "2018-03-01T10:00:00Z"))
        defer { store.close() }
        typealias Feed = HL7JobTests.Feed
        let merge = [Feed.pid("T1"), "MRG|T2^^^RBD^MR"]
        let pair = [Feed.pid("T1"), Feed.pid("T2")]
        for (number, (type, hour, segments)) in [
            ("A28", "01", [Feed.pid("T1")]), ("A28", "02", [Feed.pid("T2")]), ("A28", "03", [Feed.pid("T3")]),
            ("A40", "04", merge), ("A40", "06", merge), ("A37", "08", pair), ("A40", "05", merge),
        ].enumerated() {
            let summary = try ingest(
                store, "whole\(number).hl7",
                (["MSH|^~\\&|PAS|RBD|DCR|D|20180201\(hour)0000||ADT^\(type)|W\(number)|P|2.4"] + segments)
                    .joined(separator: "\r").replacing("RBD", with: hospital))
            guard summary.accepted == 1 else { throw Missing(what: "\(type) was not taken: \(summary)") }
        }
        _ = try ingest(store, "broken.json", "{")
        _ = try store.erase(
            ErasureRequest(
                patient: PatientReference("\(hospital):T3")!, authority: "court order KB-2018-7",
                approvedBy: ["privacy-1", "guardian-1"], asker: TemporaryStore.asker))
        try store.recordSignIn(
            of: ClientDetails(
                id: "feed", name: "Feed", org: hospital, scopes: [], user: nil, profile: nil, keys: []),
            assertion: Digest([UInt8](repeating: 7, count: 32))!, call: CallDetails(trace: "t"))
        _ = try store.accesses(TrailRequest(asker: TemporaryStore.asker))
        try store.people.catchUp(to: store.log.headPosition)
        return old
    }

    /// The hospital of the golden region.
    private static let hospital = "ZZH01"

    struct Missing: Error { var what: String }

    private static func ingest(_ store: Store, _ name: String, _ text: String) throws -> IngestSummary {
        try store.ingest(source: hospital, inputs: [IngestInput(name: name, bytes: Array(text.utf8))])
    }

    /// Every table that a store's environment has, each with how many entries.
    static func tables(of folder: String) throws -> [String: UInt64] {
        let environment = try Environment(
            path: folder, options: EnvironmentOptions(maxMapBytes: 1 << 30, maxDatabases: 20))
        defer { environment.close() }
        // LMDB's own first handle: the keys of the unnamed database are the others' names.
        let root = Database(name: "", dbi: 1)
        let names = try environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LMDBError) -> [String] in
            try t.withCursor(root) { (cursor: inout Cursor) throws(LMDBError) in
                var out: [String] = []
                while try cursor.next() { out.append(String(decoding: [UInt8](cursor.key), as: UTF8.self)) }
                return out
            }
        }
        var out: [String: UInt64] = [:]
        for name in names {
            let database = try environment.openDatabase(name, create: false)
            out[name] = try environment.withReadTransaction {
                (t: borrowing ReadTransaction) throws(LMDBError) in try t.statistics(database).entries
            }
        }
        return out
    }
}
