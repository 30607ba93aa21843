import Ciphers
import EventLog
import Foundation
import Wire

/// What sealing and appending cost.
enum LogCounts {
    static let events = 1000
    static let unit = 100
    static let rounds = 5
    static let subjects: UInt64 = 16

    static func run(in folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder + "/keys", withIntermediateDirectories: true)
        let keys = try KeyStore.create(at: folder + "/keys", master: try SecretKey.random())
        let log = try EventLog(LogPaths(store: folder))
        defer {
            log.close()
            keys.close()
        }
        let sealer = RecordSealer(keys: keys)
        let created = try sealer.seal(.storeCreated, slotA: .region, bodyA: [BodyItem([])])
        _ = try log.appendAndWait([Proposal(records: [created])])
        let streams = try (1...subjects).map { number in
            let stream = StreamToken(high: number, low: number)
            return (stream, try keys.reserve(for: stream))
        }
        let items = [BodyItem(meta: Array("meta".utf8), Array(resource.utf8))]
        func sealed(_ number: Int) throws -> SealedRecord {
            let (stream, slot) = streams[number % streams.count]
            return try sealer.seal(
                .sourceUpdate, flags: .advancesStream, stream: stream, slotA: slot, bodyA: items)
        }
        _ = try sealed(0)
        try Allocations.report("seal", each: events, rounds: rounds) {
            for number in 0..<events { _ = try sealed(number) }
        }
        let units = try (0..<events / unit).map { first in
            try (0..<unit).map { Proposal(records: [try sealed(first * unit + $0)]) }
        }
        try Allocations.report("append", each: events, rounds: rounds) {
            for unit in units { _ = try log.appendAndWait(unit) }
        }
    }

    /// About a kilobyte, as resources are.
    private static let resource =
        #"{"resourceType":"Observation","id":"o1","status":"final","note":[{"text":""#
        + String(repeating: "a quiet night, slept well; ", count: 36) + #""}]}"#
}
