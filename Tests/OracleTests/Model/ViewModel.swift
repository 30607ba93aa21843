/// What `view` must answer, folded afresh from the whole list of events for every question.
struct ViewModel {
    enum Answer {
        case usage
        case view(ExpectedView)
    }

    let events: [LoggedEvent]
    /// The store's clock, in microseconds: what a question without a time compares periods with.
    let clock: Int64

    func answer(_ asked: Asked) -> Answer {
        let asOf = AsOf(asked.when, events: events, clock: clock)
        let known = Array(events.prefix(Int(asOf.position)))
        let region = RegionAsOf(events: known)
        let identity = Identity(events: known, placeholders: region?.spec.placeholders ?? [])
        let patient = identity.patient(asked.patient)
        let facts = PatientFactsAsOf(
            events: known, identity: identity, patient: patient, asked: asked.patient)
        var view = ExpectedView(
            outcome: "withhold", rule: "", basis: [], position: asOf.position, time: asOf.shown,
            final: asOf.final, apart: 0)
        if let region { view.sources = SourcesAsOf.list(events: known, region: region, at: asOf) }
        let viewer: ViewerDecision.Viewer
        switch ViewerDecision.decide(asked, region: region, at: asOf) {
        case .usage: return .usage
        case .withheld(let verdict):
            (view.rule, view.basis) = (verdict.rule, verdict.basis)
            return .view(view)
        case .admitted(let admitted): viewer = admitted
        }
        guard let region else { return .usage }
        let rules = PatientRulesAsOf(facts: facts, region: region.spec, viewer: viewer, instant: asOf.instant)
        if let refusal = refusal(rules, patientKnown: patient != nil) {
            (view.rule, view.basis) = (refusal.rule, refusal.basis)
            return .view(view)
        }
        let decision = ItemDecision(region: region, viewer: viewer, rules: rules, asOf: asOf)
        // Only who may see the patient is told that the number is borne by others too.
        view.apart = patient?.apart ?? 0
        fill(&view, held(patient, known), decision)
        if !viewer.role.activities.contains("view-withheld") { view.withheld = nil }
        return .view(view)
    }

    private func held(_ patient: Identity.Patient?, _ known: [LoggedEvent]) -> [HeldItem] {
        patient?.subjects.flatMap { HeldRecord(events: known).items(of: $0) } ?? []
    }

    /// What the decision function alone must say: of the viewer, of the relationship, of each item in each
    /// category.
    enum Decisions {
        case usage
        case withheld(Verdict)
        case decided(relationship: Verdict, items: [(HeldItem, category: String, Verdict)])
    }

    func decisions(_ asked: Asked) -> Decisions {
        let asOf = AsOf(asked.when, events: events, clock: clock)
        let known = Array(events.prefix(Int(asOf.position)))
        let region = RegionAsOf(events: known)
        switch ViewerDecision.decide(asked, region: region, at: asOf) {
        case .usage: return .usage
        case .withheld(let verdict): return .withheld(verdict)
        case .admitted(let viewer):
            guard let region else { return .usage }
            let rules = PatientRulesAsOf(
                facts: facts(asked, asOf), region: region.spec, viewer: viewer, instant: asOf.instant)
            if !rules.staffExclusions.isEmpty {
                return .withheld(.withhold("staff-exclusion", rules.staffExclusions))
            }
            let decision = ItemDecision(region: region, viewer: viewer, rules: rules, asOf: asOf)
            let patient = Identity(events: known, placeholders: region.spec.placeholders).patient(
                asked.patient)
            let items = held(patient, known).flatMap { item in
                (item.category.map { [$0] } ?? ["other"]).map {
                    (item, category: $0, decision.decide(item, under: $0).0)
                }
            }
            return .decided(relationship: rules.relationship, items: items)
        }
    }

    func facts(_ asked: Asked, _ asOf: AsOf) -> PatientFactsAsOf {
        let known = Array(events.prefix(Int(asOf.position)))
        let identity = Identity(
            events: known, placeholders: RegionAsOf(events: known)?.spec.placeholders ?? [])
        return PatientFactsAsOf(
            events: known, identity: identity, patient: identity.patient(asked.patient), asked: asked.patient)
    }

    /// What refuses the whole view: a staff exclusion, no relationship, or nobody there.
    private func refusal(_ rules: PatientRulesAsOf, patientKnown: Bool) -> Verdict? {
        if !rules.staffExclusions.isEmpty { return .withhold("staff-exclusion", rules.staffExclusions) }
        if !rules.relationship.permit { return rules.relationship }
        return patientKnown ? nil : .withhold("unknown-patient", [UInt64]())
    }

    private func fill(_ view: inout ExpectedView, _ held: [HeldItem], _ decision: ItemDecision) {
        view.outcome = "permit"
        let whole = Verdict.permit(
            "relationship",
            [decision.viewer.profileFact] + decision.rules.relationship.basis.map(Optional.some))
        (view.rule, view.basis) = (whole.rule, whole.basis)
        var groups: [ExpectedView.Withheld] = []
        var spends: Set<UInt64> = []
        for item in held {
            let (category, verdict, spent) = decision.decide(item, among: held)
            guard verdict.permit else {
                if item.operation == .upsert { Self.count(category, verdict, &groups) }
                continue
            }
            // What was shown under a permission spends it; that something is no more does not.
            if item.operation == .upsert { spends.formUnion(spent) }
            let shown = ExpectedView.Item(
                position: item.position, recorded: item.recorded,
                effective: item.effective,
                source: item.subject.organisation,
                category: category, rule: verdict.rule, basis: verdict.basis, type: item.type,
                id: item.daybookID,
                resource: item.operation == .upsert ? item.resource : nil)
            if item.operation == .upsert { view.items.append(shown) } else { view.tombstones.append(shown) }
        }
        view.items.sort(by: Self.precedes)
        view.tombstones.sort(by: Self.precedes)
        view.withheld = groups.sorted(by: Self.precedes)
        view.spends = spends.sorted()
    }

    private static func count(
        _ category: String, _ verdict: Verdict, _ groups: inout [ExpectedView.Withheld]
    ) {
        let same = groups.firstIndex {
            $0.category == category && $0.rule == verdict.rule && $0.basis == verdict.basis
        }
        if let same {
            groups[same].count += 1
        } else {
            groups.append(.init(category: category, count: 1, rule: verdict.rule, basis: verdict.basis))
        }
    }

    private static func precedes(_ a: ExpectedView.Item, _ b: ExpectedView.Item) -> Bool {
        if a.category != b.category { return HeldItem.rank(a.category) < HeldItem.rank(b.category) }
        if a.type != b.type { return before(a.type, b.type) }
        if a.id != b.id { return before(a.id, b.id) }
        return before(a.source, b.source)
    }

    private static func precedes(_ a: ExpectedView.Withheld, _ b: ExpectedView.Withheld) -> Bool {
        if a.category != b.category { return HeldItem.rank(a.category) < HeldItem.rank(b.category) }
        if a.rule != b.rule { return before(a.rule, b.rule) }
        return a.basis.lexicographicallyPrecedes(b.basis)
    }

    private static func before(_ a: String, _ b: String) -> Bool {
        Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8))
    }
}
