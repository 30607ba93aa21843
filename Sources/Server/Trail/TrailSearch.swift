import CareRecord
import Ciphers
import EventLog
import Intake
import Projections
import Wire

/// One look at the trail, newest first: the receipts that match, each once for every patient whom it is about.
struct TrailSearch {
    let store: Store
    let query: TrailQuery
    let sight: Store.TrailSight
    let head: LogHead

    func found() throws -> TrailFound {
        if let id = query.one ?? query.only { return TrailFound(events: try one(id)) }
        let before = query.page.flatMap { UInt64($0) } ?? .max
        if query.page != nil, before == .max { throw StoreError.usage("_page: ask for the first page again") }
        var out = TrailFound()
        var looked = 0
        for position in try positions().reversed() where position.value < before && position <= head.position
        {
            if out.events.count >= query.count || looked >= TrailQuery.maximumLook {
                out.next = Position(position.value + 1)
                break
            }
            looked += 1
            out.events += try events(at: position)
        }
        return out
    }

    private func positions() throws -> [Position] {
        let reader = TrailReader(store.trail.view)
        if let patient = sight.patient { return try reader.receipts(about: patient.streams) }
        if let agent = query.agent {
            let users = try reader.receipts(by: agent)
            if !users.isEmpty { return users }
        }
        return try reader.receipts()
    }

    /// `receipt-POSITION`, or `receipt-POSITION-N` for the patients after the first.
    private func one(_ id: String) throws -> [AuditEventWriter.Event] {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "receipt", let number = UInt64(parts[1]), number > 0,
            number <= head.position.value,
            try store.log.header(at: Position(number)).recordClass == .receipt
        else { return [] }
        return try events(at: Position(number)).filter { $0.id == id }
    }

    private func events(at position: Position) throws -> [AuditEventWriter.Event] {
        let access = try store.access(at: position)
        guard matches(access) else { return [] }
        let groups = try groups(access.receipt)
        if groups.isEmpty {
            guard sight.patient == nil else { return [] }
            return [AuditEventWriter.Event(id: "receipt-\(position.value)", access: access)]
        }
        var out: [AuditEventWriter.Event] = []
        for (index, group) in groups.enumerated() {
            if let patient = sight.patient, Set(patient.streams).isDisjoint(with: group) { continue }
            var event = AuditEventWriter.Event(
                id: "receipt-\(position.value)" + (index == 0 ? "" : "-\(index)"), access: access,
                patient: reference(group))
            // The patient reads who looked, not which items there are: some may be kept from them.
            if sight.reach != nil, groups.count == 1 {
                event.items = Array((access.detail?.items ?? []).map(\.reference).prefix(Self.maximumItems))
            }
            out.append(event)
        }
        return out
    }

    /// Resources named in one event, at most.
    static let maximumItems = 100

    private func matches(_ access: Access) -> Bool {
        let receipt = access.receipt
        if let reach = sight.reach, !reach.covers(receipt) { return false }
        if let agent = query.agent {
            let named = [receipt.viewer?.user, receipt.operatorUser, receipt.call?.client]
            guard named.contains(agent) else { return false }
        }
        let at = DateRange(access.recordedAt...access.recordedAt)
        guard query.dates.allSatisfy({ $0.holds(of: at) }) else { return false }
        guard let entity = query.entity else { return true }
        return sight.reach != nil && (access.detail?.items ?? []).contains { $0.reference == entity }
    }

    /// The receipt's subjects, patient by patient as they were linked then.
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

    private func reference(_ group: [StreamToken]) -> String? {
        group.lazy.compactMap { try? store.patientID(of: $0) }.first
    }
}

extension Store {
    /// `Patient/id` of a subject within Daybook; nil where the name is gone, or makes no id.
    func patientID(of subject: StreamToken) throws(StoreError) -> String? {
        let name = try subjectName(of: subject)
        guard name.organisation != Self.erasedOrganisation, !name.localID.contains("/") else { return nil }
        let intake = FHIRIntake(source: name.organisation, digest: { SHA256.hash($0).bytes })
        let id = intake.daybookID(type: "Patient".utf8, id: name.localID.utf8)
        return "Patient/" + String(decoding: id, as: UTF8.self)
    }
}
