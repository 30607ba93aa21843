import Wire

@testable import CareRecord

extension NaiveDecision {
    /// Every agreement that names the four, and what stands against it.
    private func matching(
        _ controller: String, _ recipient: String, _ category: CareRecord.Category
    ) -> [Outcome<AgreementTerms>] {
        let ids = Set(
            events.compactMap { event -> String? in
                switch event.fact {
                case .agreementSigned(let terms), .agreementAmended(let terms): terms.id
                default: nil
                }
            })
        return ids.compactMap { id in
            let (outcome, span) = span(at: t, { ($0.from, $0.to) }) { fact -> AgreementTerms?? in
                switch fact {
                case .agreementSigned(let terms) where terms.id == id: .some(.some(terms))
                case .agreementAmended(let terms) where terms.id == id: .some(.some(terms))
                case .agreementEnded(let end) where end.id == id: .some(nil)
                default: nil
                }
            }
            guard let span, let last = span.declared.last else { return nil }
            let terms = last.value
            let purposes = purpose == "emergency" ? ["emergency", "direct-care"] : [purpose]
            guard terms.controller == controller, terms.categories.contains(category),
                !Set(purposes).isDisjoint(with: terms.purposes)
            else { return nil }
            if !terms.recipients.contains(recipient) {
                guard terms.recipients.contains("all"), let kind = details(recipient).value?.kind,
                    kind != .commissioner
                else { return nil }
                let signed = span.declared.count > 1 ? last.recordedAt : terms.from ?? last.recordedAt
                guard charter(recipient, at: signed).value != nil else { return nil }
            }
            if case .over = outcome { return outcome }
            let suspension = events.last { event in
                guard event.position > span.declared[0].position, event.recordedAt <= t else { return false }
                switch event.fact {
                case .agreementSuspended(let end), .agreementResumed(let end): return end.id == id
                default: return false
                }
            }
            if let suspension, case .agreementSuspended = suspension.fact {
                return .over(suspension.position)
            }
            return outcome
        }
    }

    func agreement(_ controller: String, _ recipient: String, _ category: CareRecord.Category) -> Outcome<
        AgreementTerms
    > {
        let all = matching(controller, recipient, category)
        let live = all.filter { $0.value != nil }
        if let first = live.min(by: { $0.basis[0] < $1.basis[0] }) { return first }
        return all.first ?? .unknown
    }

    func lapsed(_ controller: String, _ recipient: String, _ category: CareRecord.Category) -> [Position] {
        matching(controller, recipient, category).flatMap(\.basis)
    }
}
