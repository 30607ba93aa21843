import CareRecord
import EventLog
import Foundation
import Intake
import Wire

@testable import Server

/// The real store, with a simulated clock, in a folder of its own.
final class StoreUnderTest: SearchedSystem, ExplainedSystem, ReviewedSystem {
    let directory: String
    private(set) var store: Store
    private var now: Int64

    /// Makes a store whose clock stands at `start`, in microseconds.
    init(start: Int64, directory: String? = nil) throws {
        self.directory = directory ?? NSTemporaryDirectory() + "daybook-oracle-\(UUID().uuidString)"
        now = start
        try Store.create(at: self.directory, simulatedClock: true, now: Instant(microseconds: start))
        store = try Store(at: self.directory)
    }

    /// Opens one that is there already.
    init(opening directory: String, now: Int64) throws {
        self.directory = directory
        self.now = now
        store = try Store(at: directory)
        try reopen()
    }

    func head() throws -> UInt64 { try store.log.head.position.value }

    func headers(after position: UInt64) throws -> [Header] {
        try (position..<(try head())).map { before in
            let header = try store.log.header(at: Position(before + 1))
            let first = header.position.value - UInt64(header.batchIndex)
            return (
                header.position.value, header.recordedAt.microseconds, header.recordClass.rawValue, first,
                first + UInt64(header.batchCount) - 1
            )
        }
    }

    /// What an identity record says, in words: for a problem's description.
    func identityFact(at position: UInt64) -> String? {
        guard let found = try? store.identityFact(at: Position(position)) else { return nil }
        return "\(found.fact.kind) \(found.fact.reason ?? "")"
    }

    func setClock(_ microseconds: Int64) throws {
        now = microseconds
        try reopen()
    }

    func apply(_ region: RegionSpec) throws -> [String: UInt64] {
        let file = try RegionFile(
            Array(region.yaml.utf8), file: "region.yaml", beside: region.beside)
        let approver = try store.regionDeclaration().users.keys.min()
        let outcome = try store.applyRegion(
            file, fileName: "region.yaml", approvedBy: approver, asker: Asker(systemUser: "oracle"))
        guard let appended = outcome.appended else { return [:] }
        var facts: [String: UInt64] = [:]
        for (index, fact) in outcome.facts.enumerated() {
            facts[RegionFactKey.of(fact.kind.rawValue, fact.summary.id)] =
                appended.first.value + UInt64(index)
        }
        return facts
    }

    func record(_ facts: [FactSpec]) throws {
        let yaml = Array(FactSpec.yaml(facts).utf8)
        let file = try PatientPolicyFile(
            yaml, file: "policy.yaml", calendar: .london, declared: try store.regionDeclaration())
        _ = try store.recordPolicy(file.drafts, asker: Asker(systemUser: "oracle"))
    }

    func ingest(source: String, files: [[MessageSpec]]) throws -> Ingested {
        let inputs = files.map { file in
            IngestInput(name: file[0].file, bytes: Array(file.map(\.bytes).joined(separator: [0x0A])))
        }
        let summary = try store.ingest(source: source, inputs: inputs)
        return Ingested(
            messages: summary.messages, accepted: summary.accepted, duplicate: summary.duplicate,
            quarantined: summary.quarantined)
    }

    private func request(_ asked: Asked) -> ViewRequest? {
        guard let patient = asked.patient.reference else { return nil }
        return ViewRequest(
            user: asked.user, patient: patient, at: Self.when(asked.when),
            knownAt: asked.knownAt.flatMap(Self.when), purpose: asked.purpose ?? "direct-care",
            profile: asked.role, caseReference: asked.caseReference, asker: Asker(systemUser: "oracle"))
    }

    func diff(_ asked: Asked, from: Int64, to: Int64) throws -> [UInt8]? {
        guard let request = request(asked) else { return nil }
        let answered: Result<ReceiptedAnswer, StoreError> = Result { () throws(StoreError) in
            try store.diff(
                request, from: .instant(Instant(microseconds: from)), to: .instant(Instant(microseconds: to)))
        }
        switch answered {
        case .success(let answer): return answer.json
        case .failure(.refused): return nil
        case .failure(let error): throw error
        }
    }

    func find(_ search: Search) throws -> [UInt8]? {
        let wanted: PatientSearch
        if let number = search.number.flatMap({ NHSNumber($0) }) {
            wanted = PatientSearch(number: number)
        } else {
            wanted = try PatientSearch(
                family: search.family, birthDate: search.birthDate, given: search.given,
                gender: search.gender, postcode: search.postcode)
        }
        let request = FindRequest(
            user: search.user, profile: search.role, search: wanted,
            purpose: search.purpose ?? "direct-care", asker: Asker(systemUser: "oracle"))
        let answered: Result<FindAnswer, StoreError> = Result { () throws(StoreError) in
            try store.findPatient(request)
        }
        switch answered {
        case .success(let answer): return answer.json
        case .failure(.usage): return nil
        case .failure(let error): throw error
        }
    }

    func view(_ asked: Asked) throws -> [UInt8]? {
        guard let request = request(asked) else { return nil }
        if asked.caseReference == nil {
            return try Self.answered { () throws(StoreError) in try store.view(request) }
        }
        do {
            return try Self.answered { () throws(StoreError) in try store.view(request) }
        } catch StoreError.refused { return nil }
    }

    func record(_ asked: Asked) throws -> [UInt8]? {
        guard let request = request(asked) else { return nil }
        let wanted = RecordRequest(
            patient: request.patient, at: request.at, caseReference: request.caseReference,
            asker: request.asker)
        return try Self.answered { () throws(StoreError) in try store.record(wanted) }
    }

    func explain(_ asked: Asked, item: String?) throws -> [UInt8]? {
        guard let request = request(asked) else { return nil }
        do {
            return try Self.answered { () throws(StoreError) in try store.explain(request, item: item) }
        } catch StoreError.refused { return nil }
    }

    func reviews() throws -> [ReviewQueue.Entry] {
        try store.identityReviews(Asker(systemUser: "oracle")).map { told in
            ReviewQueue.Entry(
                id: told.id, reason: told.reason.name,
                subjects: told.subjects.map {
                    SubjectName(organisation: $0.organisation, localID: $0.localID)
                },
                birthDates: told.birthDates?.rawValue, familyNames: told.familyNames?.rawValue,
                givenNames: told.givenNames?.rawValue, opened: told.opened?.value)
        }
    }

    func decide(_ review: String, link: Bool) throws -> Bool {
        do throws(StoreError) {
            _ = try store.decide(review, link: link, reason: "looked at", asker: Asker(systemUser: "oracle"))
            return true
        } catch {
            switch error {
            case .usage, .refused: return false
            default: throw error
            }
        }
    }

    private static func answered(
        _ ask: () throws(StoreError) -> ReceiptedAnswer
    ) throws(StoreError) -> [UInt8]? {
        do throws(StoreError) { return try ask().json } catch {
            if case .usage = error { return nil }
            throw error
        }
    }

    private static func when(_ when: Asked.When) -> When? {
        switch when {
        case .none: nil
        case .instant(let microseconds): .instant(Instant(microseconds: microseconds))
        case .date(let text): CivilDate(text).map { .date($0) }
        case .position(let position): .position(Position(position))
        }
    }

    func reopen() throws {
        // `--now` may not be before the newest record.
        now = max(now, try store.log.head.recordedAt.microseconds)
        store.close()
        store = try Store(at: directory, now: Instant(microseconds: now))
    }

    /// Closes, and leaves the store where it is.
    func closeKeeping() { store.close() }

    func close() {
        store.close()
        try? FileManager.default.removeItem(atPath: directory)
        try? FileManager.default.removeItem(atPath: directory + ".key")
    }
}
