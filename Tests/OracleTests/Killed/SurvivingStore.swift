import EventLog
import Foundation
import Projections
import Wire

@testable import Server

/// The store, in a process that may be killed at any moment.
///
/// What every operation came to is written down when it is done. The next process tells those to the oracle without
/// doing them again, and goes on with the one that was cut short as a client would: sources and region files are sent
/// again, a fact is recorded again unless it is there, a question is asked again.
final class SurvivingStore: SystemUnderTest {
    /// A view's receipt is durable, and its answer was never given.
    struct AnswerLost: Error {}

    /// What one operation came to.
    struct Outcome: Codable {
        var head: UInt64 = 0
        /// Of a region file: where its facts stand.
        var facts: [String: UInt64]?
        /// Of an ingest.
        var counts: Ingested?
        /// Of a view; nil where it was a usage error.
        var answer: Data?
        var isAnswerLost: Bool?
    }

    private let store: StoreUnderTest
    private let journal: FileHandle
    private var done: ArraySlice<Outcome>
    /// The head as the oracle has been told of it.
    private var seen: UInt64 = 1
    private var now: Int64
    private var isLive = false

    /// Opens what a process before this one left, or begins.
    init(directory: String, start: Int64) throws {
        let path = directory + ".journal"
        now = start
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let lines = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n"))
        // A line without its end is of an operation that was cut short.
        done = try lines.filter { $0.last == UInt8(ascii: "}") }
            .map { try JSONDecoder().decode(Outcome.self, from: $0) }[...]
        journal = try FileHandle(forUpdating: URL(filePath: path))
        try journal.truncate(atOffset: UInt64(done.reduce(0) { $0 + Self.line($1).count }))
        try journal.seekToEnd()
        store = try StoreUnderTest(opening: directory, now: start)
    }

    private static func line(_ outcome: Outcome) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(outcome)).map { $0 + [UInt8(ascii: "\n")] } ?? Data()
    }

    /// Operations that are written down.
    var operations: Int { done.count }
    /// Whether the log moved in an operation that was cut short.
    var wasCutShort: Bool { get throws { try store.head() > (done.last?.head ?? 1) } }
    /// Whether the record's read model has yet to fold what the log holds.
    var isFoldBehind: Bool {
        get throws {
            let updates = try store.store.log.classHead(.sourceUpdate)
            return store.store.record.position < updates
        }
    }

    func head() throws -> UInt64 { seen }

    func headers(after position: UInt64) throws -> [Header] {
        try store.headers(after: position).filter { $0.position <= seen }
    }

    func setClock(_ microseconds: Int64) throws {
        now = microseconds
        if isLive { try store.setClock(microseconds) }
    }

    func reopen() throws { if isLive { try store.reopen() } }
    func close() { close(keeping: false) }
    func close(keeping: Bool) { keeping ? store.closeKeeping() : store.close() }

    /// What the log's own verification finds wrong.
    func verified() throws -> [String] {
        let report = try store.store.log.verify()
        return report.isSound ? [] : ["\(report.problems) \(report.indexProblems)"]
    }

    func apply(_ region: RegionSpec) throws -> [String: UInt64] {
        try perform { landed in
            var facts = try store.apply(region)
            if landed {
                // It was taken whole, so sending it again changes nothing.
                guard facts.isEmpty else { throw Problem("a region file that landed was taken again") }
                facts = try self.facts(after: seen)
            }
            return Outcome(facts: facts)
        }.facts ?? [:]
    }

    private func facts(after position: UInt64) throws -> [String: UInt64] {
        var out: [String: UInt64] = [:]
        for place in (position + 1)...(try store.head()) {
            let record = try store.store.log.read(at: Position(place))
            let fact = try store.store.opener.regionFact(of: record)
            out[RegionFactKey.of(fact.kind.rawValue, fact.summary.id)] = place
        }
        return out
    }

    func record(_ facts: [FactSpec]) throws {
        _ = try perform { landed in
            if !landed { try store.record(facts) }
            return Outcome()
        }
    }

    func ingest(source: String, files: [[MessageSpec]]) throws -> Ingested {
        let outcome = try perform { landed in
            let before = landed ? try messages(after: seen) : (taken: 0, quarantined: 0)
            var counts = try store.ingest(source: source, files: files)
            // What the cut-short try had taken is told as held already.
            counts.accepted += before.taken
            counts.quarantined += before.quarantined
            counts.duplicate -= before.taken + before.quarantined
            return Outcome(counts: counts)
        }
        guard let counts = outcome.counts else { throw Problem("an ingest without counts in the journal") }
        return counts
    }

    private func messages(after position: UInt64) throws -> (taken: Int, quarantined: Int) {
        let first = try store.headers(after: position).filter { $0.position == $0.batchFirst }
        return (
            first.count { $0.recordClass == Prediction.Class.sourceUpdate },
            first.count { $0.recordClass == Prediction.Class.quarantined }
        )
    }

    func view(_ asked: Asked) throws -> [UInt8]? {
        let outcome = try perform { landed in
            if landed { return Outcome(isAnswerLost: true) }
            return Outcome(answer: try store.view(asked).map { Data($0) })
        }
        if outcome.isAnswerLost == true { throw AnswerLost() }
        return outcome.answer.map { Array($0) }
    }

    func diff(_ asked: Asked, from: Int64, to: Int64) throws -> [UInt8]? {
        let outcome = try perform { landed in
            if landed { return Outcome(isAnswerLost: true) }
            return Outcome(answer: try store.diff(asked, from: from, to: to).map { Data($0) })
        }
        if outcome.isAnswerLost == true { throw AnswerLost() }
        return outcome.answer.map { Array($0) }
    }

    /// Tells what was done, or does it and writes it down. `landed` says that the log moved when it was cut short.
    private func perform(_ body: (_ landed: Bool) throws -> Outcome) throws -> Outcome {
        if let outcome = done.popFirst() {
            seen = outcome.head
            return outcome
        }
        if !isLive {
            isLive = true
            try store.setClock(now)
        }
        var outcome = try body(try store.head() > seen)
        outcome.head = try store.head()
        try journal.write(contentsOf: Self.line(outcome))
        seen = outcome.head
        return outcome
    }
}
