import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// One event that decided, as it is told: where it stands, what it says, when it was recorded and by whom.
struct ToldEvent {
    var position: Position
    var recordedAt: Instant
    var what: String
    var words: String
    var recordedBy: String?
    var from: Instant?
    var to: Instant?

    func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("position", position.value)
            w.member("recorded", recordedAt.rfc3339)
            w.member("what", what)
            w.member("words", words)
            w.member("recordedBy", ifPresent: recordedBy)
            w.member("from", ifPresent: from?.rfc3339)
            w.member("to", ifPresent: to?.rfc3339)
        }
    }
}

extension Store {
    /// Tells events by their positions, without what names or describes the patient.
    func told(_ positions: some Sequence<Position>) throws(StoreError) -> [ToldEvent] {
        try StoreError.translating { try Set(positions).sorted().map { try told($0) } }
    }

    private func told(_ position: Position) throws -> ToldEvent {
        let record = try log.read(at: position)
        let recordedClass = record.header.recordClass
        var event = ToldEvent(
            position: position, recordedAt: record.header.recordedAt, what: recordedClass.description,
            words: "")
        switch recordedClass {
        case .regionFact:
            let fact = try opener.regionFact(of: record)
            (event.what, event.words) = (fact.kind.rawValue, fact.words)
            switch fact {
            case .agreementSigned(let terms), .agreementAmended(let terms):
                (event.from, event.to) = (terms.from, terms.to)
            case .roleProfileAssigned(let profile): (event.from, event.to) = (profile.from, profile.to)
            default: break
            }
        case .patientFact, .identity:
            let fact = try opener.patientFact(of: record).fact
            (event.what, event.words) = (fact.kind.rawValue, fact.words)
            (event.recordedBy, event.from, event.to) = (fact.recordedBy, fact.from, fact.to)
        case .receipt: event.words = "a receipt: the permission for one view was used"
        case .sourceUpdate:
            event.words = "an update from \(try opener.updateFacts(of: record).source)"
        default: event.words = recordedClass.description
        }
        return event
    }
}
