import Ciphers
import EventLog
import Projections
import Wire

/// What a receipt will say, gathered while the answer is made.
struct ReceiptDraft {
    var kind: Receipt.Kind
    var question: Receipt.Question
    var point: AskedPoint
    var patient: PatientAtPoint
    var asked: String
    var asker: Asker
    var purpose: String?
    var caseID: String?
    var query: Query
    var items: [ViewItem] = []
    /// Items that the answer names and does not show, with their sources.
    var named: [(item: ReceiptDetail.Item, source: String)] = []
    /// Of a difference: who the patient was at its earlier side, and what was decided there.
    var earlier: (patient: PatientAtPoint, side: Receipt.Earlier)?
    var withheld: [ReceiptDetail.Withheld] = []
    var spends: [Receipt.Spent] = []
    var concealed: [ReceiptDetail.Withheld] = []
    var decided: ReceiptDetail.Decided?
    var overrides: [Position] = []
    var known: Position?
    /// The viewer saw where a shielded patient is: of an actual access that raises an alert.
    var sawShielded = false
    /// Of content of another time that is shown in the asker's own right: the patient as of now.
    var own: PatientAtPoint?
    /// Of a request over HTTP.
    var call: Receipt.Call?

    var sources: [String] {
        ViewItem.sources(of: items).union(named.map(\.source).filter { !$0.isEmpty }).sorted()
    }

    /// The question as its receipt keeps it: a view's is put into words once there is a receipt to make.
    enum Query {
        case text(String)
        case view(ViewRequest)

        var text: String {
            switch self {
            case .text(let text): text
            case .view(let request): request.canonicalQuery
            }
        }
    }

    /// Everybody who is in the answer: of a difference, at either side.
    var subjects: [StreamToken] {
        let now = patient.receipted
        return now + (earlier?.patient.receipted ?? []).filter { !now.contains($0) }
    }
}

extension Store {
    /// Renders the answer, makes its receipt durable, and only then hands the bytes out.
    ///
    /// - Parameter isAppended: the receipt becomes the body's last member; over FHIR it goes beside it.
    /// - Returns: nil where the patient or policy moved after the position served: nothing was appended or served.
    func receipt(
        _ answer: ViewAnswer, body given: [UInt8]? = nil, _ draft: ReceiptDraft, policy: Position,
        head: LogHead, isAppended: Bool = true
    ) throws(StoreError) -> ReceiptedAnswer? {
        // Said before the append: a view that sees the receipt in the log also sees it folded.
        let spends = !draft.spends.isEmpty
        if spends { spending.withLock { $0.underWay += 1 } }
        defer { if spends { spending.withLock { $0.underWay -= 1 } } }
        let made = try madeReceipt(answer, body: given, draft, policy: policy, head: head)
        guard case .appended(let appended) = try append([made.proposal])[0] else { return nil }
        if spends { spending.withLock { $0.last = $0.last.map { max($0, appended.last) } } }
        return durable(made, appended, isAppended: isAppended)
    }

    /// The receipt of an answer, not durable yet: nothing of either may leave.
    func madeReceipt(
        _ answer: ViewAnswer, body given: [UInt8]?, _ draft: ReceiptDraft, policy: Position, head: LogHead
    ) throws(StoreError) -> MadeReceipt {
        let body = given ?? answer.body
        let begun = ContinuousClock.now
        return try StoreError.translating {
            let (receipt, detail) = try made(answer, body, draft, policy: policy)
            let record = try receiptRecord(receipt, detail)
            let isSettled = draft.point.isFinal && draft.spends.isEmpty && draft.own == nil
            let conditions = isSettled ? [] : conditions(draft, head: head)
            let proposal = Proposal(
                records: [record] + (try shieldedAlert(draft, answer)), conditions: conditions)
            return MadeReceipt(answer: answer, body: body, receipt: receipt, proposal: proposal, begun: begun)
        }
    }

    /// Where its receipt is durable the answer may leave.
    func durable(
        _ made: MadeReceipt, _ appended: AppendOutcome.Appended, isAppended: Bool
    ) -> ReceiptedAnswer {
        receiptTimes.recordNanoseconds(Int64((ContinuousClock.now - made.begun) / .nanoseconds(1)))
        return ReceiptedAnswer(
            answer: made.answer, receipt: made.receipt, receiptPosition: appended.first,
            json: isAppended
                ? ViewAnswer.appending(
                    receiptAt: appended.first, items: made.receipt.items, body: made.receipt.body,
                    to: made.body) : made.body)
    }

    /// The receipt of an answer, not appended yet.
    func made(
        _ answer: ViewAnswer, _ body: [UInt8], _ draft: ReceiptDraft, policy: Position
    ) throws -> (receipt: Receipt, detail: ReceiptDetail) {
        var detail = ReceiptDetail(
            patient: draft.asked, query: draft.query.text, itemsSalt: try SecureRandom.salt(),
            bodySalt: try SecureRandom.salt(), withheld: draft.withheld)
        let items = Self.take(draft.items, into: &detail)
        detail.items += draft.named.map(\.item)
        (detail.concealed, detail.decided) = (draft.concealed, draft.decided)
        var receipt = Receipt(
            kind: draft.kind, question: draft.question, viewer: answer.viewer,
            operatorUser: draft.asker.user, systemUser: draft.asker.systemUser, purpose: draft.purpose,
            caseID: draft.caseID, position: draft.point.position, instant: draft.point.instant,
            isFinal: draft.point.isFinal, policy: policy, permitted: answer.permitted, rule: answer.rule,
            basis: answer.basis, shown: detail.items.count,
            withheld: draft.withheld.reduce(0) { $0 + $1.count },
            sources: draft.sources, subjects: draft.subjects,
            items: items,
            body: SHA256.hash(detail.bodySalt[...], body[...]), spends: draft.spends)
        (receipt.known, receipt.overrides) = (draft.known, draft.overrides)
        receipt.call = draft.call ?? draft.asker.call.map { Receipt.Call($0) }
        receipt.earlier = draft.earlier?.side
        return (receipt, detail)
    }

    private func shieldedAlert(_ draft: ReceiptDraft, _ answer: ViewAnswer) throws(LogError) -> [SealedRecord]
    {
        guard draft.kind == .actual || draft.own != nil, draft.sawShielded, let viewer = answer.viewer else {
            return []
        }
        let alert = Alert(
            .shieldedAccess, back: 1, user: viewer.user,
            organisations: [viewer.organisation].compactMap(\.self))
        return [try alertRecord(alert, about: draft.patient.receipted)]
    }

    /// Names the shown items in the detail, in order.
    ///
    /// - Returns: the digest of them: of the salt, then the SHA-256 of each one's resource bytes.
    private static func take(_ items: [ViewItem], into detail: inout ReceiptDetail) -> Digest {
        var hash = SHA256()
        hash.update(detail.itemsSalt)
        detail.items.reserveCapacity(items.count)
        for item in items {
            let shown = SHA256.hash(item.resource ?? [])
            hash.update(shown)
            detail.items.append(
                ReceiptDetail.Item(
                    reference: item.reference, position: item.position, category: item.category.name,
                    rule: item.rule, shown: item.isMade ? shown : nil))
        }
        detail.digested = items.count
        return hash.finish()
    }

    /// Nothing that could change the answer came after the position it was made at.
    private func conditions(_ draft: ReceiptDraft, head: LogHead) -> [Condition] {
        Self.unchanged(draft.patient.streams, since: head.position)
    }

    /// Neither policy, nor who is whom, nor any of these streams moved after the position.
    static func unchanged(_ streams: some Sequence<StreamToken>, since: Position) -> [Condition] {
        [.classUnchanged(.regionFact, since: since), .classUnchanged(.identity, since: since)]
            + streams.map { .streamUnchanged($0, since: since) }
    }

    /// A receipt's record: its detail dies with any subject's key (decision 1, clause 8).
    func receiptRecord(_ receipt: Receipt, _ detail: ReceiptDetail) throws(LogError) -> SealedRecord {
        var slots: [KeySlot] = []
        for subject in receipt.subjects { slots.append(try keys.reserve(for: subject, known: knownSlot)) }
        var flags: RecordFlags = receipt.spends.isEmpty ? [] : [.advancesStream]
        if slots.count > 1 { flags.insert(.foreignSlotA) }
        return try sealer.seal(
            .receipt, flags: flags, stream: receipt.subjects.first ?? .none,
            slotA: slots.isEmpty ? .none : try keys.joint(of: slots),
            bodyA: slots.isEmpty ? nil : [BodyItem(detail.json)], slotB: .region,
            bodyB: [BodyItem(receipt.json)])
    }
}
