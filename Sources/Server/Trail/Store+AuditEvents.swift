import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// The trail over FHIR: AuditEvents made of receipts, for those who may audit, and for the patient of their own record. Reading it is a
/// receipt itself.
extension Store {
    /// The rule of a patient's reading of their own trail.
    static let ownRecord = "own-record"

    /// - Throws: `ResourceRefusal`, recorded; `StoreError` where nothing could be served.
    public func auditEvents(_ query: TrailQuery) throws -> ResourceAnswer {
        let head = try catchUp()
        let sight = try trailSight(query, head)
        let found = try StoreError.translating { () -> TrailFound in
            try trail.catchUp(to: head.position)
            return try TrailSearch(store: self, query: query, sight: sight, head: head).found()
        }
        if query.one != nil, found.events.isEmpty {
            throw try refusedTrail(query, sight, .notFound, rule: "not-found", head)
        }
        let writer = AuditEventWriter(base: query.base)
        let body: [UInt8]
        if query.one != nil, let event = found.events.first {
            body = writer.json(event)
        } else {
            body = bundle(found, query, writer)
        }
        let receipt = try recordTrail(
            query, sight, permitted: true, rule: sight.rule, shown: found.events.count,
            about: found.events.flatMap(\.access.receipt.subjects), head)
        var answer = ResourceAnswer(body: body, position: head.position, receipt: receipt)
        if query.one != nil {
            answer.version = found.events.first?.access.position
            answer.lastModified = found.events.first?.access.recordedAt
        }
        return answer
    }

    private func bundle(
        _ found: TrailFound, _ query: TrailQuery, _ writer: AuditEventWriter
    ) -> [UInt8] {
        var w = JSONWriter(capacity: 512 + found.events.count * 2048)
        w.object { w in
            w.member("resourceType", "Bundle")
            w.member("type", "searchset")
            w.key("link")
            w.array { w in
                let url = "\(query.base)/\(query.query)"
                w.object { w in
                    w.member("relation", "self")
                    w.member("url", url)
                }
                guard let next = found.next else { return }
                w.object { w in
                    w.member("relation", "next")
                    w.member("url", "\(url)\(url.contains("?") ? "&" : "?")_page=\(next.value)")
                }
            }
            guard !found.events.isEmpty else { return }
            w.key("entry")
            w.array { w in
                for event in found.events {
                    w.object { w in
                        w.member("fullUrl", "\(query.base)/AuditEvent/\(event.id)")
                        w.member("resource", raw: writer.json(event))
                        w.key("search")
                        w.object { w in w.member("mode", "match") }
                    }
                }
            }
        }
        return w.finish()
    }

    // MARK: Who may

    /// Whose trail a caller sees.
    struct TrailSight {
        var rule: String
        /// The patient whom it is about, where one was asked.
        var patient: PatientAtPoint?
        /// Nil: the patient themself, all of theirs.
        var reach: TrailReach?
    }

    private func trailSight(_ query: TrailQuery, _ head: LogHead) throws -> TrailSight {
        var asked: PatientAtPoint?
        if let patient = query.patient {
            let reference: PatientReference?
            switch patient {
            case .reference(let given): reference = given
            case .id(let id): reference = try patientReference(of: id)
            }
            asked = try reference.map { try self.patient($0, at: head.position) }
        }
        var sight = TrailSight(rule: Activity.viewAudit, patient: asked, reach: nil)
        let interaction: Scopes.Interactions = query.one == nil ? .search : .read
        switch query.caller.authority {
        case .patient(let reference):
            let own = try self.patient(reference, at: head.position)
            sight.rule = Self.ownRecord
            sight.patient = own
            guard query.caller.may(interaction, "AuditEvent", isInContext: true),
                asked == nil || asked?.union?.subjects == own.union?.subjects
            else { throw try refusedTrail(query, sight, .scope, rule: "scope", head) }
            return sight
        case .source: throw try refusedTrail(query, sight, .scope, rule: "scope", head)
        case .user:
            let isInContext = try asked.map { try isContext(query.caller, $0, head) } ?? false
            guard query.caller.may(interaction, "AuditEvent", isInContext: isInContext) else {
                throw try refusedTrail(query, sight, .scope, rule: "scope", head)
            }
            guard let identity = query.caller.identity, identity.activities.contains(Activity.viewAudit)
            else {
                throw try refusedTrail(
                    query, sight, .refused(rule: Activity.viewAudit), rule: Activity.viewAudit, head)
            }
            sight.reach = TrailReach(
                organisation: identity.scope == .region ? nil : identity.organisation ?? "")
            return sight
        }
    }

    private func isContext(_ caller: Caller, _ patient: PatientAtPoint, _ head: LogHead) throws -> Bool {
        guard let context = caller.patient, let union = patient.union else { return false }
        return try self.patient(context, at: head.position).union?.subjects == union.subjects
    }

    private func refusedTrail(
        _ query: TrailQuery, _ sight: TrailSight, _ kind: ResourceRefusal.Kind, rule: String, _ head: LogHead
    ) throws -> any Error {
        let receipt = try recordTrail(query, sight, permitted: false, rule: rule, shown: 0, head)
        return ResourceRefusal(kind: kind, position: head.position, receipt: receipt)
    }

    private func recordTrail(
        _ query: TrailQuery, _ sight: TrailSight, permitted: Bool, rule: String, shown: Int,
        about others: [StreamToken] = [], _ head: LogHead
    ) throws(StoreError) -> Position {
        // Of everybody whose trail was told.
        let asked = sight.patient?.receipted ?? []
        let subjects = asked + Set(others).subtracting(asked).sorted()
        var receipt = Receipt(
            kind: .actual, question: .trail, viewer: query.caller.identity.map { Receipt.Person($0) },
            operatorUser: nil, systemUser: Self.systemUser, purpose: query.caller.purpose, caseID: nil,
            position: head.position, instant: try clock(), isFinal: false,
            policy: try regionState().version(at: head.position), permitted: permitted, rule: rule, basis: [],
            shown: shown, withheld: 0, sources: [], subjects: subjects, items: .zero,
            body: .zero)
        receipt.call = Receipt.Call(query.caller.call)
        if subjects.isEmpty { receipt.query = "fhir \(query.query)" }
        let record = try StoreError.translating {
            try receiptRecord(
                receipt,
                ReceiptDetail(
                    patient: "", query: "fhir \(query.query)", itemsSalt: [], bodySalt: []))
        }
        return try appendOne(Proposal(records: [record])).first
    }
}

/// What a look at the trail found.
struct TrailFound {
    var events: [AuditEventWriter.Event] = []
    /// Where the next page begins: before that receipt.
    var next: Position?
}
