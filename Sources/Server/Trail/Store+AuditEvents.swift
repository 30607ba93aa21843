import CareRecord
import Ciphers
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
        // Its receipt stands on nobody in the region having been linked meanwhile: a shorter page is the sooner done.
        var most = TrailQuery.maximumLook
        for _ in 0..<Self.maximumDecisions {
            if let answer = try auditEventsOnce(query, most: most) { return answer }
            most = max(1, most / 2)
        }
        throw StoreError.busy("policy and identity kept moving; ask again")
    }

    /// - Returns: nil where policy or identity moved before the receipt was durable: nothing was served.
    private func auditEventsOnce(_ query: TrailQuery, most: Int) throws -> ResourceAnswer? {
        let head = try catchUp()
        let sight = try trailSight(query, head)
        let found = try StoreError.translating { () -> TrailFound in
            try trail.catchUp(to: head.position)
            return try TrailSearch(
                store: self, query: query, sight: sight, head: head, shields: TrailShields(self, head),
                most: most
            ).found()
        }
        if query.one != nil, found.events.isEmpty {
            throw try refusedTrail(query, sight, .notFound, rule: ResourceRefusal.notFoundRule, head)
        }
        let writer = AuditEventWriter(base: query.base)
        let body: [UInt8]
        if query.one != nil, let event = found.events.first {
            body = writer.json(event)
        } else {
            body = bundle(found, query, writer)
        }
        // Of those whose events are told, not of everybody in their receipts.
        guard
            let receipt = try recordTrail(
                query, sight, rule: sight.rule, shown: found.events.count, body: body,
                about: found.events.flatMap(\.subjects), head)
        else { return nil }
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
        /// The same, as whoever reads named them.
        var asked: PatientReference?
        /// Nil: the patient themself, all of theirs.
        var reach: TrailReach?
        /// The user who reads.
        var user: String?
        /// Which resources were shown is told.
        var isUnderCase = false
        /// A shielded patient, by another name than their number.
        var isConcealed = false
    }

    private func trailSight(_ query: TrailQuery, _ head: LogHead) throws -> TrailSight {
        var sight = TrailSight(rule: Activity.viewAudit, user: query.caller.viewer?.user)
        sight.asked = try query.patient.flatMap { try reference(of: $0) }
        sight.patient = try sight.asked.map { try self.patient($0, at: head.position) }
        let interaction: Scopes.Interactions = query.one == nil ? .search : .read
        switch query.caller.authority {
        case .patient(let reference):
            let own = try self.patient(reference, at: head.position)
            let isOwn = sight.patient == nil || sight.patient?.union?.subjects == own.union?.subjects
            (sight.rule, sight.patient, sight.asked) = (Self.ownRecord, own, reference)
            guard query.caller.may(interaction, "AuditEvent", isInContext: true), isOwn,
                query.caseReference == nil
            else { throw try refusedTrail(query, sight, .scope, rule: Self.scopeRule, head) }
            return sight
        case .source: throw try refusedTrail(query, sight, .scope, rule: Self.scopeRule, head)
        case .user:
            let isInContext = try sight.patient.map { try isContext(query.caller, $0, head) } ?? false
            guard query.caller.may(interaction, "AuditEvent", isInContext: isInContext) else {
                throw try refusedTrail(query, sight, .scope, rule: Self.scopeRule, head)
            }
            guard let identity = query.caller.identity, identity.mayAudit else {
                throw try refusedTrail(
                    query, sight, .refused(rule: Activity.viewAudit), rule: Activity.viewAudit, head)
            }
            sight.reach = TrailReach(
                organisation: identity.scope == .region ? nil : identity.organisation ?? "")
            if let patient = sight.patient, let asked = sight.asked, !asked.isNumber {
                sight.isConcealed = try isShielded(patient, head)
            }
            sight.isUnderCase = try isUnderCase(query, sight, head)
            return sight
        }
    }

    /// - Throws: where the case is none that is open for the patient, or something is asked that takes one.
    private func isUnderCase(_ query: TrailQuery, _ sight: TrailSight, _ head: LogHead) throws -> Bool {
        if let reference = query.caseReference {
            if let asked = sight.asked, try isOpen(reference, for: asked, head: head) { return true }
        } else if query.entity == nil {
            return false
        }
        throw try refusedTrail(query, sight, .refused(rule: Self.caseRule), rule: Self.caseRule, head)
    }

    private func isContext(_ caller: Caller, _ patient: PatientAtPoint, _ head: LogHead) throws -> Bool {
        guard let context = caller.patient, let union = patient.union else { return false }
        return try self.patient(context, at: head.position).union?.subjects == union.subjects
    }

    private func refusedTrail(
        _ query: TrailQuery, _ sight: TrailSight, _ kind: ResourceRefusal.Kind, rule: String, _ head: LogHead
    ) throws -> any Error {
        guard let receipt = try recordTrail(query, sight, rule: rule, shown: 0, body: nil, head) else {
            return StoreError.busy("policy and identity kept moving; ask again")
        }
        return ResourceRefusal(kind: kind, position: head.position, receipt: receipt)
    }

    /// - Parameter body: what is told; nil: nothing is.
    /// - Returns: nil where what it was decided by has moved: only of something told that matters.
    private func recordTrail(
        _ query: TrailQuery, _ sight: TrailSight, rule: String, shown: Int, body: [UInt8]?,
        about others: [StreamToken] = [], _ head: LogHead
    ) throws(StoreError) -> Position? {
        // Of everybody whose trail was told.
        let asked = sight.patient?.receipted ?? []
        let subjects = asked + Set(others).subtracting(asked).sorted()
        return try StoreError.translating { () -> Position? in
            // A salt is kept where somebody's key is: of what is about nobody there is nothing to guess.
            let salt = subjects.isEmpty || body == nil ? [] : try SecureRandom.salt()
            var receipt = Receipt(
                kind: .actual, question: .trail, viewer: query.caller.identity.map { Receipt.Person($0) },
                operatorUser: nil, systemUser: Self.systemUser, purpose: query.caller.purpose,
                caseID: query.caseReference, position: head.position, instant: try clock(), isFinal: false,
                policy: try regionState().version(at: head.position), permitted: body != nil, rule: rule,
                basis: [], shown: shown, withheld: 0, sources: [], subjects: subjects, items: .zero,
                body: body.map { SHA256.hash(salt[...], $0[...]) } ?? .zero)
            receipt.call = Receipt.Call(query.caller.call)
            if subjects.isEmpty { receipt.query = "fhir \(query.query)" }
            let record = try receiptRecord(
                receipt,
                ReceiptDetail(
                    patient: sight.asked?.description ?? "", query: "fhir \(query.query)", itemsSalt: [],
                    bodySalt: salt))
            let since = head.position
            let conditions: [Condition] =
                body == nil
                ? []
                : [.classUnchanged(.regionFact, since: since), .classUnchanged(.identity, since: since)]
                    + (sight.patient?.streams ?? []).map { .streamUnchanged($0, since: since) }
            guard
                case .appended(let appended) = try append([
                    Proposal(records: [record], conditions: conditions)
                ])[0]
            else { return nil }
            return appended.first
        }
    }
}

/// What a look at the trail found.
struct TrailFound {
    var events: [AuditEventWriter.Event] = []
    /// Where the next page begins: before that receipt.
    var next: Position?
}
