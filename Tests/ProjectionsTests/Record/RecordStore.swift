import CareRecord
import Ciphers
import EventLog
import Foundation
import LMDB
import Wire

@testable import Projections

/// A store small enough for a test: keys on disk, the log in memory, records sealed as they are for good.
final class RecordStore: Sendable {
    struct Item: Sendable {
        var operation = ItemMeta.Operation.upsert
        var type = "Observation"
        var id: String
        var category: CareRecord.Category
        var asserted: Instant?
        var content: [UInt8]

        var meta: ItemMeta {
            ItemMeta(
                operation: operation, type: type, sourceID: String(id.dropFirst(4)), daybookID: id,
                category: category, asserted: asserted, status: "final")
        }
    }

    let folder = TemporaryFolder()
    let keys: KeyStore
    let sealer: RecordSealer
    let source: ListSource

    init() throws {
        let path = folder.path + "/keys"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        keys = try KeyStore.create(at: path, master: try SecretKey.random(), mapBytes: 1 << 30)
        sealer = RecordSealer(keys: keys)
        source = ListSource()
    }

    var views: String { folder.path + "/views" }

    func token(_ subject: String) -> StreamToken { keys.token(.stream, Array(subject.utf8)) }

    @discardableResult
    func append(_ subject: String, recordedAt: Int64, _ items: [Item]) throws -> Position {
        let token = token(subject)
        let slot = try keys.reserve(for: token)
        let raw = BodyItem(meta: Array("message".utf8), Array("the message as sent".utf8))
        let sealed = try sealer.seal(
            .sourceUpdate, flags: .advancesStream, stream: token, slotA: slot,
            bodyA: [raw] + items.map { BodyItem(meta: $0.meta.encoded, $0.content) })
        return source.append(sealed, recordedAt: recordedAt)
    }

    typealias Worker = ProjectionWorker<RecordProjection, ListSource>

    /// - Parameter runs: how a rebuild divides the log.
    func worker(runs: RecordRun.Limits = RecordRun.Limits()) throws -> Worker {
        var projection = RecordProjection(keys: RecordKeys(keys: keys, source: source), mapBytes: 4 << 30)
        projection.runLimits = runs
        return try ProjectionWorker(projection, views: views, source: source)
    }
}

extension ProjectionWorker where P == RecordProjection {
    func state(of subject: StreamToken, at position: Position) throws -> [CategoryRecord] {
        try withRead { (view, t: borrowing ReadTransaction) throws(ProjectionError) -> [CategoryRecord] in
            try view.projection.reader(view).state(of: subject, at: position, t)
        }
    }
}
