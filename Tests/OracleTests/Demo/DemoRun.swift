import CareRecord
import Ciphers
import EventLog
import Foundation
import Intake
import SyntheticRegion
import Wire

@testable import Projections
@testable import Server

/// Plays the demo's steps on a store, and tells the oracle what was done.
///
/// Region files, facts and bundles are told as the steps mean them, in the oracle's own reading. Of hospital messages the oracle takes
/// what their items say as the intake read it; and links and relationships that the store makes by itself as they stand in the log.
/// What anybody may see of all that, and why, it works out alone.
struct DemoRun {
    let store: StoreUnderTest
    private(set) var events: [LoggedEvent] = []
    private(set) var clock: Int64
    /// What was compared, by outcome and rule.
    private(set) var compared: [String: Int] = [:]
    private(set) var fed: [String: Int] = [:]
    private var region: RegionSpec?
    private var taken: Set<[UInt8]> = []
    private var users: [RegionSpec.User] = []

    init() throws {
        clock = SyntheticRegion.start.microseconds
        store = try StoreUnderTest(start: clock)
        add([.nothing], time: try store.headers(after: 0)[0].time)
    }

    private mutating func add(_ what: [LoggedEvent.What], time: Int64) {
        let first = UInt64(events.count) + 1
        for (index, one) in what.enumerated() {
            events.append(
                LoggedEvent(
                    position: first + UInt64(index), time: time, batchFirst: first,
                    batchLast: first + UInt64(what.count) - 1, what: one))
        }
    }

    mutating func play(_ step: SyntheticRegion.Element) throws {
        clock = step.time.microseconds
        try store.store.setClock(to: step.time)
        let before = try store.head()
        switch step.action {
        case .region(let document, let name, let approver):
            let outcome = try store.store.applyRegion(
                RegionFile(step.file, file: name), fileName: name, approvedBy: approver,
                asker: Asker(systemUser: "oracle"))
            guard let appended = outcome.appended else { throw Problem("\(name) changed nothing") }
            var facts: [String: UInt64] = [:]
            for (index, fact) in outcome.facts.enumerated() {
                facts[RegionFactKey.of(fact.kind.rawValue, fact.summary.id)] =
                    appended.first.value + UInt64(index)
            }
            let spec = RegionSpec(document)
            (region, users) = (spec, spec.users)
            let rest = Array(repeating: LoggedEvent.What.nothing, count: outcome.facts.count - 1)
            add(rest + [.region(spec, facts: facts)], time: try time(after: before))
        case .sharing(let facts, let name):
            let file = try PatientPolicyFile(
                step.file, file: name, calendar: .london, declared: try store.store.regionDeclaration())
            _ = try store.store.recordPolicy(file.drafts, asker: Asker(systemUser: "oracle"))
            let specs = facts.map { FactSpec($0) }
            let alerts = Prediction.recordClasses(of: specs.compactMap(\.self)).filter {
                $0 == Prediction.Class.alert
            }
            add(
                specs.map { $0.map { .fact($0) } ?? .nothing } + alerts.map { _ in .nothing }
                    + (try keys(after: before)),
                time: try time(after: before))
        case .messages(let delivery): try take(delivery, step.file, after: before)
        case .access(let look):
            var asked = Asked(
                Question(
                    user: look.user, role: look.profile, patient: .number(look.patient), when: .none,
                    purpose: look.purpose), events: events)
            asked.when = .none
            try compare(asked)
        }
        guard try store.head() == UInt64(events.count) else {
            throw Problem("\(step.command): the log is at \(try store.head()), the oracle at \(events.count)")
        }
    }

    private func time(after position: UInt64) throws -> Int64 {
        guard let first = try store.headers(after: position).first else {
            throw Problem("nothing was appended")
        }
        return first.time
    }

    /// Records at the end of a batch that name keys: no view reads them.
    private func keys(after position: UInt64) throws -> [LoggedEvent.What] {
        try store.headers(after: position).filter { $0.recordClass == Prediction.Class.housekeeping }
            .map { _ in .nothing }
    }

    // MARK: Messages

    private mutating func take(_ delivery: Delivery, _ file: [UInt8], after before: UInt64) throws {
        let input = IngestInput(
            name: delivery.file, bytes: file, type: delivery.format == .fhir ? .fhir : .hl7v2)
        _ = try store.store.ingest(source: delivery.source, inputs: [input])
        var batches = try batches(after: before)[...]
        for message in delivery.messages where taken.insert(Array(delivery.source.utf8) + message).inserted {
            guard let batch = batches.popFirst() else {
                throw Problem("\(delivery.file): a message left nothing")
            }
            fed[delivery.format.rawValue, default: 0] += 1
            if batch[0].recordClass == Prediction.Class.quarantined {
                guard try meant(message, delivery) == nil else {
                    throw Problem("\(delivery.file): quarantined, and nothing is wrong with it")
                }
                add(batch.map { _ in .nothing }, time: batch[0].time)
                continue
            }
            guard let spec = try meant(message, delivery), let subject = spec.patient else {
                throw Problem("\(delivery.file): taken, and it cannot be")
            }
            var what: [LoggedEvent.What] = []
            for header in batch {
                switch header.recordClass {
                case Prediction.Class.sourceUpdate:
                    what.append(what.isEmpty ? .update(spec, about: subject) : .nothing)
                default: what.append(try given(header))
                }
            }
            add(what, time: batch[0].time)
        }
        if !batches.isEmpty { throw Problem("\(delivery.file): \(batches.count) batches too many") }
    }

    private func batches(after position: UInt64) throws -> [[SystemUnderTest.Header]] {
        var out: [[SystemUnderTest.Header]] = []
        for header in try store.headers(after: position) {
            if header.position == header.batchFirst { out.append([]) }
            out[out.count - 1].append(header)
        }
        return out
    }

    private func meant(_ message: [UInt8], _ delivery: Delivery) throws -> MessageSpec? {
        if delivery.format == .fhir {
            return try DemoMessages.bundle(message, from: delivery.source, file: delivery.file)
        }
        let intake = HL7Intake(
            source: delivery.source, acceptsTraining: true, digest: { SHA256.hash($0).bytes })
        guard case .success(let draft) = intake.message(message, file: delivery.file, line: 1) else {
            return nil
        }
        return try DemoMessages.given(draft, file: delivery.file)
    }

    /// A fact that the store made by itself, as it stands in the log.
    private func given(_ header: SystemUnderTest.Header) throws -> LoggedEvent.What {
        let record = try store.store.log.read(at: Position(header.position))
        guard
            header.recordClass == Prediction.Class.patientFact
                || header.recordClass == Prediction.Class.identity,
            let body = try store.store.opener.open(.a, of: record.header, sealed: record.partA)
        else { return .nothing }
        let fact = try PatientFact(json: body.content(of: 0))
        let spec = FactSpec(
            fact, recordedAt: header.time, graceDays: RegionDocument.graceDays)
        return spec.map { .fact($0) } ?? .nothing
    }

    // MARK: Asking

    private mutating func compare(_ asked: Asked) throws {
        let before = try store.head()
        let model = ViewModel(events: events, clock: max(clock, (events.last?.time ?? 0) + 1))
        guard case .view(let expected) = model.answer(asked), let bytes = try store.view(asked) else {
            throw Problem("\(asked): a usage error")
        }
        let answered = try AnsweredView(bytes)
        let differences = Disagreement.between(expected, answered.view)
        if !differences.isEmpty {
            throw Problem("\(asked):\n  " + differences.joined(separator: "\n  "))
        }
        compared["\(expected.outcome) \(expected.rule)", default: 0] += 1
        compared["items", default: 0] += expected.items.count
        for entry in expected.withheld ?? [] {
            compared["withheld by \(entry.rule)", default: 0] += entry.count
        }
        let isActual = asked.when == .none
        let alerts = isActual && expected.shield == "location-shown" ? 1 : 0
        add(
            [.receipt(spent: isActual ? expected.spends : [])] + Array(repeating: .nothing, count: alerts)
                + (try keys(after: before)),
            time: try time(after: before))
    }

    /// Asks what anybody could see of anybody, at instants all over the five years.
    mutating func ask(_ questions: Int, about patients: [String], seed: UInt64) throws {
        var rng = SplitMix64(seed: seed)
        for _ in 0..<questions {
            let user = rng.pick(users)
            let question = Question(
                user: user.id, role: rng.pick(user.profiles).name, patient: .number(rng.pick(patients)),
                when: .near(record: rng.below(100_000_000), offset: Int64(rng.below(3) - 1)),
                purpose: rng.pick([nil, nil, "emergency", "safeguarding"]))
            try compare(Asked(question, events: events))
        }
    }
}
