import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// One look at the trail, newest first: the receipts that match, each once for every patient whom it is about.
struct TrailSearch {
    let store: Store
    let query: TrailQuery
    let sight: Store.TrailSight
    let head: LogHead
    let shields: TrailShields
    /// Receipts that it looks at, at most: a longer look goes on with the next link.
    let most: Int

    func found() throws -> TrailFound {
        if let id = query.one ?? query.only { return TrailFound(events: try one(id)) }
        let before = query.page.flatMap { UInt64($0) } ?? .max
        if query.page != nil, before == .max || before == 0 {
            throw StoreError.usage("_page: ask for the first page again")
        }
        var out = TrailFound()
        var (looked, told) = (0, Position.start)
        var last = min(head.position.value, before - 1)
        while last > 0 {
            // A window at a time: nobody's whole trail is held in memory.
            let first = last > Self.window ? last - Self.window + 1 : 1
            for position in try positions(in: Position(first)...Position(last)).reversed() {
                let access = try store.access(at: position)
                // What is not told moves nothing: neither the page's end, nor whether there is another.
                if isHidden(access) { continue }
                if looked >= most {
                    out.next = Position(position.value + 1)
                    return out
                }
                looked += 1
                let found = try events(of: access)
                if found.isEmpty { continue }
                if out.events.count >= query.count {
                    out.next = told
                    return out
                }
                out.events += found
                told = position
            }
            last = first - 1
        }
        return out
    }

    /// Positions looked through for receipts at once.
    static let window: UInt64 = 100_000

    private func positions(in range: ClosedRange<Position>) throws -> [Position] {
        let reader = TrailReader(store.trail.view)
        if let patient = sight.patient { return try reader.receipts(about: patient.streams, in: range) }
        if let agent = query.agent, try !isClient(agent) { return try reader.receipts(by: agent, in: range) }
        return try reader.receipts(in: range)
    }

    /// A client's receipts are found by looking at all.
    private func isClient(_ agent: String) throws -> Bool {
        try TrailReader(store.trail.view).receipts(by: agent, most: 1).isEmpty
    }

    /// `receipt-POSITION`, or `receipt-POSITION-N` for the patients after the first.
    private func one(_ id: String) throws -> [AuditEventWriter.Event] {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "receipt", let number = UInt64(parts[1]), number > 0,
            number <= head.position.value,
            try store.log.header(at: Position(number)).recordClass == .receipt
        else { return [] }
        return try events(of: store.access(at: Position(number))).filter { $0.id == id }
    }

    private func events(of access: Access) throws -> [AuditEventWriter.Event] {
        guard !isHidden(access), matches(access) else { return [] }
        let groups = try told(access)
        if groups.isEmpty {
            guard sight.patient == nil else { return [] }
            return [event(access, 0, nil, [], among: 0)]
        }
        var out: [AuditEventWriter.Event] = []
        for (index, group) in groups.enumerated() {
            if let patient = sight.patient, Set(patient.streams).isDisjoint(with: group) { continue }
            out.append(
                event(
                    access, index, try named(access, group, among: groups.count), group, among: groups.count))
        }
        return out
    }

    private func event(
        _ access: Access, _ index: Int, _ patient: AuditEventWriter.Patient?, _ group: [StreamToken],
        among groups: Int
    ) -> AuditEventWriter.Event {
        var event = AuditEventWriter.Event(
            id: "receipt-\(access.position.value)" + (index == 0 ? "" : "-\(index)"), access: access,
            rule: access.toldRule(named: sight.patient != nil))
        (event.patient, event.subjects) = (patient, group)
        // The patient reads who looked and when, not at what: what they asked names items, and others.
        guard sight.reach != nil else { return event }
        event.query = access.detail?.query ?? access.receipt.query
        if groups == 1, access.receipt.permitted, access.receipt.question == .read {
            event.items = min(access.receipt.shown, Self.maximumItems)
        }
        // What was read of the trail is named by a receipt's position, which tells nothing of a record.
        if let id = event.readEvent { event.references = ["AuditEvent/\(id)"] }
        if groups == 1, sight.isUnderCase, event.references.isEmpty {
            event.references = Array((access.detail?.items ?? []).map(\.reference).prefix(Self.maximumItems))
        }
        return event
    }

    /// Resources named in one event, at most.
    static let maximumItems = 100

    /// Whose what they looked for is, is told by no patient's trail to whoever looked.
    private func isHidden(_ access: Access) -> Bool {
        sight.patient != nil && sight.reach != nil && access.isLookUp
            && access.receipt.viewer?.user == sight.user
    }

    private func matches(_ access: Access) -> Bool {
        let receipt = access.receipt
        if let reach = sight.reach, !reach.covers(receipt) { return false }
        if let agent = query.agent {
            let named = [receipt.viewer?.user, receipt.operatorUser, receipt.call?.client]
            guard named.contains(agent) else { return false }
        }
        let at = DateRange(access.recordedAt...access.recordedAt)
        guard query.dates.allSatisfy({ $0.holds(of: at) }) else { return false }
        if sight.isConcealed {
            // By a local id a shielded patient is nobody: what was asked by that id is all there is of anybody unknown.
            guard access.detail?.patient == sight.asked?.description,
                !receipt.permitted || receipt.question == .trail
            else { return false }
        }
        guard let entity = query.entity else { return true }
        return sight.isUnderCase && (access.detail?.items ?? []).contains { $0.reference == entity }
    }

    // MARK: What may be told

    /// The receipt's subjects, patient by patient as they were linked then; without those whom the asker was not told of, unless whoever
    /// reads names them.
    private func told(_ access: Access) throws -> [[StreamToken]] {
        let groups = try groups(access.receipt)
        guard sight.patient == nil else { return groups }
        if access.isLookUp { return [] }
        // After the match come those who were concealed.
        if access.receipt.question == .findPatient { return access.receipt.shown == 0 ? [] : [groups[0]] }
        return groups
    }

    private func groups(_ receipt: Receipt) throws -> [[StreamToken]] {
        let identity = store.identityReader(at: min(receipt.position, store.identity.position))
        var left = receipt.subjects
        var out: [[StreamToken]] = []
        while let first = left.first {
            let linked = try identity.linked(with: first)
            let group = left.filter { $0 == first || linked.contains($0) }
            left.removeAll { group.contains($0) }
            out.append(group)
        }
        return out
    }

    /// The patient as whoever reads named them, else as the asker did, known or not: a source's id is told of nobody who was named by
    /// number, and of nobody who is shielded.
    private func named(
        _ access: Access, _ group: [StreamToken], among groups: Int
    ) throws -> AuditEventWriter.Patient? {
        if let asked = sight.asked { return Self.patient(asked) }
        let asked = (groups == 1 ? access.detail?.patient : nil).flatMap { PatientReference($0) }
        if let asked, asked.isNumber || !access.receipt.permitted { return Self.patient(asked) }
        guard access.receipt.permitted, let name = try name(of: group) else { return nil }
        if try shields.isShielded(name) { return .opaque }
        return Self.patient(asked ?? .subject(name))
    }

    private static func patient(_ reference: PatientReference) -> AuditEventWriter.Patient? {
        switch reference {
        case .nhs(let number): return .number(number.description)
        case .subject(let name): return ShownResource.patientID(name).map { .id($0) }
        }
    }

    private func name(of group: [StreamToken]) throws -> SubjectID? {
        for token in group {
            let name = try store.subjectName(of: token)
            if name.organisation != Store.erasedOrganisation, !name.localID.contains("/") { return name }
        }
        return nil
    }
}

extension Store {
    /// `Patient/id` of a subject within Daybook; nil where the name is gone, or makes no id.
    func patientID(of subject: StreamToken) throws(StoreError) -> String? {
        let name = try subjectName(of: subject)
        guard name.organisation != Self.erasedOrganisation, !name.localID.contains("/") else { return nil }
        return ShownResource.patientID(name).map { "Patient/\($0)" }
    }
}

/// Which patients are shielded now: each is looked up once.
final class TrailShields {
    private let store: Store
    private let head: LogHead
    private var known: [SubjectID: Bool] = [:]

    init(_ store: Store, _ head: LogHead) { (self.store, self.head) = (store, head) }

    func isShielded(_ name: SubjectID) throws(StoreError) -> Bool {
        if let known = known[name] { return known }
        let found = try store.isShielded(try store.patient(.subject(name), at: head.position), head)
        known[name] = found
        return found
    }
}

extension Store {
    func isShielded(_ patient: PatientAtPoint, _ head: LogHead) throws(StoreError) -> Bool {
        let now = DecisionPoint(instant: try clock(), position: head.position)
        return try regionState().history.state(at: now).isShielded(patient.facts)
    }
}
