extension PatientRulesAsOf {
    /// For what is set and cleared without an id: each subject's latest word, and any subject's binds the
    /// union.
    private func bound(_ setting: FactSpec.Kind, _ clearing: FactSpec.Kind) -> [UInt64] {
        facts.subjects.compactMap { subject in
            let last = facts.of(setting, clearing).last {
                PatientFactsAsOf.covers($0, instant) && ($0.names.contains(subject) || $0.names.isEmpty)
            }
            return last?.fact.kind == setting ? last?.position : nil
        }
    }

    var dissents: [UInt64] { bound(.dissentSet, .dissentWithdrawn) }
    var shields: [UInt64] { bound(.shieldSet, .shieldCleared) }

    /// An objection withholds from its receipt, until it is declined.
    var objections: [UInt64] {
        facts.of(.objectionReceived).filter { PatientFactsAsOf.covers($0, instant) }.flatMap {
            received -> [UInt64] in
            let last = facts.of(.objectionUpheld, .objectionDeclined).last {
                $0.fact.id == received.fact.id && $0.position > received.position
                    && PatientFactsAsOf.covers($0, instant)
            }
            guard let last else { return [received.position] }
            return last.fact.kind == .objectionDeclined ? [] : [received.position, last.position]
        }
    }

    /// The directive that decides, where it denies: first whom it names, then whether it names categories,
    /// then the
    /// later beginning, then deny, then the lower position.
    func denial(of item: HeldItem, _ category: String) -> UInt64? {
        let matching = facts.of(.consentDirective).filter { held in
            let fact = held.fact
            return PatientFactsAsOf.covers(held, instant) && !isEnded(held, by: .directiveWithdrawn)
                && (fact.word == "deny" || (!held.carried && held.names.contains(item.subject)))
                && (fact.categories.isEmpty || fact.categories.contains(category))
                && (fact.organisations.isEmpty || fact.organisations.contains(viewer.profile.organisation))
                && ((fact.user == nil && fact.organisation == nil) || serves(fact))
        }
        let ranked = matching.sorted { a, b in
            if whom(a.fact) != whom(b.fact) { return whom(a.fact) > whom(b.fact) }
            if a.fact.categories.isEmpty != b.fact.categories.isEmpty { return b.fact.categories.isEmpty }
            let (from, other) = (PatientFactsAsOf.from(a), PatientFactsAsOf.from(b))
            if from != other { return from > other }
            if a.fact.word != b.fact.word { return a.fact.word == "deny" }
            return a.position < b.position
        }
        return ranked.first.flatMap { $0.fact.word == "deny" ? $0.position : nil }
    }

    private func whom(_ fact: FactSpec) -> Int {
        if fact.user != nil { return 3 }
        if fact.workgroup != nil { return 2 }
        return fact.organisation != nil || !fact.organisations.isEmpty ? 1 : 0
    }

    /// Seals on the item or its category that are not the viewer's own workgroup's.
    func seals(of item: HeldItem, _ category: String) -> [(position: UInt64, locked: Bool)] {
        facts.of(.sealApplied).filter { held in
            guard PatientFactsAsOf.covers(held, instant), !isEnded(held, by: .sealLifted),
                !isAuthor(held.fact)
            else { return false }
            if let named = held.fact.item {
                return held.fact.organisation == item.subject.organisation && named == item.key
            }
            return held.fact.categories.contains(category)
        }.map { ($0.position, $0.fact.locked) }
    }

    private func isAuthor(_ fact: FactSpec) -> Bool {
        guard fact.by == viewer.profile.organisation else { return false }
        return fact.workgroup.map(viewer.profile.workgroups.contains) ?? true
    }

    /// Labels put on single items, that the role does not have.
    func labels(of item: HeldItem) -> [UInt64] {
        facts.of(.itemLabelled).filter {
            PatientFactsAsOf.covers($0, instant) && $0.fact.organisation == item.subject.organisation
                && $0.fact.item == item.key && !viewer.role.labels.contains($0.fact.label ?? "")
        }.map(\.position)
    }
}
