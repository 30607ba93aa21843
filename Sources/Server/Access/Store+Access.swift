import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// Who looked at whom: receipts, listed and shown. Reading the trail is itself recorded.
extension Store {
    /// The receipts asked for, oldest first.
    ///
    /// An operator needs the activity `view-audit`; one without the scope `region` sees accesses by users of their own
    /// organisation, and to its items.
    public func accesses(_ request: TrailRequest) throws(StoreError) -> [Access] {
        try accessPage(request).items
    }

    /// The same, a page at a time where the request says how many.
    func accessPage(_ request: TrailRequest) throws(StoreError) -> AccessPage {
        let head = try catchUp()
        let reach = try trailReach(request.asker, head: head)
        var page = AccessPage(position: head.position)
        try StoreError.translating {
            try trail.catchUp(to: head.position)
            let telling = try AccessTelling(self, reach, request.asker, of: request.patient, head)
            guard let range = try range(request, head) else { return }
            try look(request, range, telling, into: &page, head)
        }
        page.receipt = try recordTrailReading(
            request.asker, about: try receipted(request.patient, head), patient: request.patient?.description,
            query: request.query, shown: page.items.count, head: head)
        return page
    }

    private func look(
        _ request: TrailRequest, _ range: ClosedRange<Position>, _ telling: AccessTelling,
        into page: inout AccessPage, _ head: LogHead
    ) throws {
        let most = request.count == nil ? .max : TrailRequest.maximumLook
        var (looked, first) = (0, range.lowerBound)
        while first <= range.upperBound {
            let positions = try positions(request, first...range.upperBound, most, head)
            for position in positions {
                let access = try access(at: position)
                // What is not told moves nothing: neither the page's end, nor whether there is another.
                if telling.isHidden(access) { continue }
                if looked >= most {
                    page.next = Position(position.value - 1)
                    return
                }
                looked += 1
                guard let told = try telling.told(access) else { continue }
                if let count = request.count, page.items.count >= count {
                    page.next = page.items.last?.position
                    return
                }
                page.items.append(told)
            }
            guard positions.count >= most, let last = positions.last else { return }
            first = last.next
        }
    }

    /// Where the receipts stand that may be meant; nil where none can. Times are strictly increasing, so that they are bounds of positions.
    private func range(_ request: TrailRequest, _ head: LogHead) throws -> ClosedRange<Position>? {
        let calendar = try calendar(head)
        var first = (request.after ?? .start).next
        var last = head.position
        if let from = try request.from.map({ try bound($0, calendar, begins: true, head) }) {
            first = max(first, try log.resolve(Instant(microseconds: from.microseconds - 1)).next)
        }
        if let to = try request.to.map({ try bound($0, calendar, begins: false, head) }) {
            last = min(last, try log.resolve(to))
        }
        return first <= last ? first...last : nil
    }

    private func positions(
        _ request: TrailRequest, _ range: ClosedRange<Position>, _ most: Int, _ head: LogHead
    ) throws -> [Position] {
        let reader = TrailReader(trail.view)
        guard let reference = request.patient else {
            if let user = request.user { return try reader.receipts(by: user, in: range, most: most) }
            return try reader.receipts(in: range, most: most)
        }
        let streams = try patient(reference, at: head.position).streams
        guard let user = request.user else {
            return try reader.receipts(about: streams, in: range, most: most)
        }
        var found: [Position] = []
        var first = range.lowerBound
        // A window at a time: nobody's whole trail is held in memory.
        while first <= range.upperBound, found.count < most {
            let last = min(range.upperBound, Position(first.value + TrailSearch.window - 1))
            let about = try reader.receipts(about: streams, in: first...last)
            if !about.isEmpty {
                let theirs = Set(try reader.receipts(by: user, in: first...last))
                found += about.filter { theirs.contains($0) }
            }
            first = last.next
        }
        return Array(found.prefix(most))
    }

    /// One receipt, by its position.
    ///
    /// - Throws: `usage` where no receipt stands there; `refused`.
    public func access(at position: Position, asker: Asker) throws(StoreError) -> Access {
        try receiptedAccess(at: position, asker: asker).access
    }

    /// The same, with the receipt of this reading.
    func receiptedAccess(
        at position: Position, asker: Asker
    ) throws(StoreError) -> (access: Access, receipt: Position) {
        let found = try unrecordedAccess(at: position, asker: asker).told
        return (found, try recordReading(of: found, asker, query: "access show \(position)"))
    }

    /// One receipt for somebody who may see it, as it stands and as they are told it: not to be handed out before that is recorded.
    func unrecordedAccess(
        at position: Position, asker: Asker
    ) throws(StoreError) -> (whole: Access, told: Access) {
        let head = try catchUp()
        let reach = try trailReach(asker, head: head)
        let header =
            position > .start && position <= head.position
            ? try StoreError.translating { try log.header(at: position) } : nil
        guard header?.recordClass == .receipt else {
            throw .usage("no receipt stands at \(position): `daybook access list` names them")
        }
        let (whole, told) = try StoreError.translating {
            let whole = try access(at: position)
            return (whole, try AccessTelling(self, reach, asker, of: nil, head).told(whole))
        }
        guard let told else {
            throw .refused("the receipt at \(position) is of another organisation's user and items")
        }
        return (whole, told)
    }

    @discardableResult
    func recordReading(
        of access: Access, _ asker: Asker, _ kind: Receipt.Kind = .actual, caseID: String? = nil,
        query: String
    ) throws(StoreError) -> Position {
        try recordTrailReading(
            asker, kind: kind, about: access.receipt.subjects, patient: access.detail?.patient,
            caseID: caseID,
            query: query, shown: 1, head: try catchUp())
    }

    func access(at position: Position) throws -> Access {
        let record = try log.read(at: position)
        return Access(
            position: position, recordedAt: record.header.recordedAt, receipt: try opener.receipt(of: record),
            detail: try opener.receiptDetail(of: record))
    }

    /// Which receipts an operator may see.
    struct TrailReach {
        /// Nil: all.
        var organisation: String?
        /// Category, count and rule of what was withheld go only to roles with `view-withheld`.
        var knowsWithheld = true
        var seesShielded = true
        /// Nobody is named: the owner of a simulated-clock store.
        var isOwner = false

        func covers(_ receipt: Receipt) -> Bool {
            guard let organisation else { return true }
            return receipt.viewer?.organisation == organisation || receipt.sources.contains(organisation)
        }
    }

    private func trailReach(_ asker: Asker, head: LogHead) throws(StoreError) -> TrailReach {
        guard let identity = try operatorIdentity(asker, head: head) else {
            return TrailReach(isOwner: true)
        }
        guard identity.activities.contains("view-audit") else {
            throw .refused("\(identity.user) has no role in force with the activity view-audit")
        }
        return TrailReach(
            organisation: identity.scope == .region ? nil : identity.organisation ?? "",
            knowsWithheld: identity.activities.contains(Activity.viewWithheld),
            seesShielded: identity.activities.contains(Activity.viewShielded))
    }

    func calendar(_ head: LogHead) throws(StoreError) -> StoreCalendar {
        try regionState().history.state(at: DecisionPoint(instant: head.recordedAt, position: head.position))
            .calendar
    }

    private func bound(_ when: When, _ calendar: StoreCalendar, begins: Bool, _ head: LogHead) throws
        -> Instant
    {
        if begins, let instant = when.beginning(in: calendar) { return instant }
        return try point(when, head: head, calendar: calendar).instant
    }

    func receipted(_ patient: PatientReference?, _ head: LogHead) throws(StoreError) -> [StreamToken] {
        guard let patient else { return [] }
        return try self.patient(patient, at: head.position).receipted
    }

    /// - Parameters:
    ///   - subjects: whom what was read is about; the question is kept where they are: with nobody, beside the receipt.
    ///   - patient: as asked.
    /// - Returns: where the receipt stands.
    @discardableResult
    func recordTrailReading(
        _ asker: Asker, _ question: Receipt.Question = .trail, kind: Receipt.Kind = .actual,
        about subjects: [StreamToken], patient: String?, caseID: String? = nil, query: String,
        rule: String = Activity.viewAudit, shown: Int, head: LogHead
    ) throws(StoreError) -> Position {
        var receipt = Receipt(
            kind: kind, question: question,
            viewer: try operatorIdentity(asker, head: head).map { Receipt.Person($0) },
            operatorUser: asker.user, systemUser: asker.systemUser, purpose: "audit", caseID: caseID,
            position: head.position, instant: try clock(), isFinal: false,
            policy: try regionState().version(at: head.position), permitted: true, rule: rule, basis: [],
            shown: shown, withheld: 0, sources: [], subjects: subjects, items: .zero, body: .zero)
        receipt.call = asker.call.map { Receipt.Call($0) }
        if subjects.isEmpty { receipt.query = query }
        let detail = ReceiptDetail(patient: patient ?? "", query: query, itemsSalt: [], bodySalt: [])
        let record = try StoreError.translating { try receiptRecord(receipt, detail) }
        return try appendOne(Proposal(records: [record])).first
    }
}
