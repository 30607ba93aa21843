import CareRecord
import Intake
import Projections
import Wire

/// The answer to `find-patient`, its receipts durable: only now may its bytes leave.
public struct FindAnswer: Sendable {
    /// One for each match; where there is none, one for the question.
    public struct Receipted: Hashable, Sendable {
        public var position: Position
        public var items: Digest
        public var body: Digest
    }

    public var permitted: Bool
    /// `find-patient`; else what ended it: a rule, `unknown-patient`, or `too-many`.
    public var rule: String
    public var matches: Int
    /// The position served.
    public var position: Position
    public var receipts: [Receipted]
    /// The JSON, receipts included.
    public var json: [UInt8]
}

/// An answer before its receipts.
struct FindDraft {
    /// A match, and what its receipt names.
    struct Match {
        var found: FoundPatient
        var patient: PatientAtPoint
        var item: ViewItem
    }

    static let foundRule = "find-patient"
    static let tooManyRule = "too-many"

    var search: PatientSearch
    var viewer: Receipt.Person?
    var point: AskedPoint
    var isSimulatedClock: Bool
    var purpose: String
    var rule: String
    var basis: [Position] = []
    var matches: [Match] = []
    /// Whom it would have named but for a rule that must not show itself.
    var concealed: [(patient: PatientAtPoint, decision: Decision)] = []

    var permitted: Bool { !matches.isEmpty }

    mutating func refuse(_ rule: String, _ basis: [Position] = []) {
        (self.rule, self.basis, matches) = (rule, basis, [])
    }

    /// The body without receipts: the same for nobody, for one who is hidden, and for one whom nobody shares.
    var body: [UInt8] {
        var w = JSONWriter(capacity: 256 + matches.count * 160)
        w.object { w in
            if let viewer {
                w.key("viewer")
                viewer.write(into: &w)
            }
            w.key("at")
            w.object { w in
                w.member("position", point.position.value)
                w.member("time", ifPresent: point.shown?.rfc3339)
            }
            w.member("final", false)
            if isSimulatedClock { w.member("simulatedClock", true) }
            w.member("purpose", purpose)
            w.key("decision")
            w.object { w in
                w.member("outcome", permitted ? "permit" : "withhold")
                w.member("rule", rule)
                w.member("basis", basis)
            }
            w.member("notice", ViewAnswer.notice)
            w.key("matches")
            w.array { w in for match in matches { w.raw(match.found.json) } }
        }
        return w.finish()
    }

    static func appending(_ receipts: [FindAnswer.Receipted], to body: consuming [UInt8]) -> [UInt8] {
        var w = JSONWriter(capacity: receipts.count * 192)
        w.array { w in
            for receipt in receipts {
                w.object { w in
                    w.member("position", receipt.position.value)
                    w.member("items", receipt.items.hex)
                    w.member("body", receipt.body.hex)
                }
            }
        }
        body.removeLast()
        body.append(contentsOf: ",\"receipts\":".utf8)
        body.append(contentsOf: w.finish())
        body.append(UInt8(ascii: "}"))
        return body
    }
}
