import Ciphers
import EventLog
import Projections
import Wire

/// The receipts of `find-patient`.
extension Store {
    /// One receipt for each match, in one batch; where there is none, one for the question. Whoever is concealed stands in the first.
    func receipted(
        _ draft: FindDraft, _ request: FindRequest, policy: Position, _ head: LogHead
    ) throws(StoreError) -> FindAnswer? {
        let body = request.bundle.map { draft.bundle($0) } ?? draft.body
        return try StoreError.translating { () -> FindAnswer? in
            var made: [Receipt] = []
            var records: [SealedRecord] = []
            for index in 0..<max(1, draft.matches.count) {
                let match = draft.matches.indices.contains(index) ? draft.matches[index] : nil
                let (receipt, detail) = try receipt(
                    draft, request, match, isFirst: index == 0, body: body, policy)
                made.append(receipt)
                records.append(try receiptRecord(receipt, detail))
            }
            var streams = Set(draft.matches.flatMap { $0.patient.streams })
            streams.formUnion(draft.concealed.flatMap { $0.patient.streams })
            if case .number(let number) = request.search.by { streams.insert(keys.numberToken(number)) }
            let conditions = Self.unchanged(streams.sorted(), since: head.position)
            guard
                case .appended(let appended) = try append([
                    Proposal(records: records, conditions: conditions)
                ])[0]
            else { return nil }
            let receipts = made.enumerated().map { index, receipt in
                FindAnswer.Receipted(
                    position: Position(appended.first.value + UInt64(index)), items: receipt.items,
                    body: receipt.body)
            }
            return FindAnswer(
                permitted: draft.permitted, rule: draft.rule, matches: draft.matches.count,
                position: draft.point.position, receipts: receipts,
                json: request.bundle == nil ? FindDraft.appending(receipts, to: body) : body)
        }
    }

    private func receipt(
        _ draft: FindDraft, _ request: FindRequest, _ match: FindDraft.Match?, isFirst: Bool, body: [UInt8],
        _ policy: Position
    ) throws -> (Receipt, ReceiptDetail) {
        var asked = ""
        var subjects = match?.patient.receipted ?? []
        if case .number(let number) = request.search.by {
            asked = number.description
            if match == nil { subjects = [keys.numberToken(number)] }
        }
        var detail = ReceiptDetail(
            patient: asked, query: request.search.description, itemsSalt: try SecureRandom.salt(),
            bodySalt: try SecureRandom.salt(),
            items: (match.map { [$0.item] } ?? []).map {
                ReceiptDetail.Item(
                    reference: $0.reference, position: $0.position, category: $0.category.name, rule: $0.rule)
            })
        if isFirst, let hidden = draft.concealed.first {
            detail.decided = ReceiptDetail.Decided(
                rule: hidden.decision.rule.rawValue, basis: hidden.decision.basis)
            for one in draft.concealed {
                subjects += one.patient.receipted.filter { !subjects.contains($0) }
            }
        }
        var items = SHA256()
        items.update(detail.itemsSalt)
        if let match { items.update(SHA256.hash(match.found.json)) }
        var receipt = Receipt(
            kind: .actual, question: .findPatient, viewer: draft.viewer, operatorUser: request.asker.user,
            systemUser: request.asker.systemUser, purpose: request.purpose, caseID: nil,
            position: draft.point.position, instant: draft.point.instant, isFinal: false, policy: policy,
            permitted: draft.permitted, rule: draft.rule, basis: draft.basis, shown: detail.items.count,
            withheld: 0, sources: match.map { [$0.item.source] } ?? [], subjects: subjects,
            items: items.finish(), body: SHA256.hash(detail.bodySalt[...], body[...]))
        receipt.call = request.call.map { Receipt.Call($0) }
        return (receipt, detail)
    }
}
