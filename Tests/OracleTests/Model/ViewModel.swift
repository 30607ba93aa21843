/// What `view` must answer, folded afresh from the whole list of events for every question.
struct ViewModel {
    enum Answer {
        case usage
        /// The case named is not open for the patient.
        case refused
        case view(ExpectedView)
    }

    let events: [LoggedEvent]
    /// The store's clock, in microseconds: what a question without a time compares periods with.
    let clock: Int64

    func answer(_ asked: Asked) -> Answer {
        let asOf = AsOf(asked.when, events: events, clock: clock)
        let knownAt = asked.knownAt.map { AsOf($0, events: events, clock: clock) }
        if let knownAt, asked.when == .none || knownAt.position < asOf.position { return .usage }
        if let reference = asked.caseReference, !isOpen(reference, for: asked.patient) { return .refused }
        let tellsAll = asked.caseReference != nil
        // What was held then, and what is known of policy and identity by now.
        let there = Array(events.prefix(Int(asOf.position)))
        let known = Array(events.prefix(Int(knownAt?.position ?? asOf.position)))
        let region = RegionAsOf(events: known, at: asOf.instant)
        let identity = Identity(events: known, placeholders: region?.last.placeholders ?? [])
        let patient = identity.patient(asked.patient)
        let facts = PatientFactsAsOf(
            events: known, identity: identity, patient: patient, asked: asked.patient)
        var view = ExpectedView(
            outcome: "withhold", rule: "", basis: [], position: asOf.position, time: asOf.shown,
            final: asOf.final && knownAt?.final ?? true, apart: 0)
        view.knownAt = knownAt?.position
        if let then = RegionAsOf(events: there, at: asOf.instant) {
            view.sources = SourcesAsOf.list(events: there, region: then, at: asOf)
        }
        let viewer: ViewerDecision.Viewer
        switch ViewerDecision.decide(asked, region: region) {
        case .usage: return .usage
        case .withheld(let verdict):
            (view.rule, view.basis) = (verdict.rule, verdict.basis)
            return .view(view)
        case .admitted(let admitted): viewer = admitted
        }
        guard let region else { return .usage }
        let rules = PatientRulesAsOf(facts: facts, region: region.spec, viewer: viewer, instant: asOf.instant)
        let concealed = concealed(rules, asked).map { tellsAll ? $0.0 : $0.told }
        if let refusal = concealed ?? refusal(rules, patientKnown: patient != nil) {
            (view.rule, view.basis) = (refusal.rule, refusal.basis)
            view.offers = rules.offers(deniedBy: [view.rule])
            return .view(view)
        }
        let decision = ItemDecision(region: region, viewer: viewer, rules: rules)
        // Only who may see the patient is told that the number is borne by others too.
        view.apart = patient?.apart ?? 0
        fill(&view, held(patient, there), decision, there, tellsAll: tellsAll)
        let shown = Set(view.items.map(\.category))
        view.absent = HeldItem.categoryOrder.filter { viewer.sees($0) && !shown.contains($0) }
        if !rules.shields.isEmpty {
            view.shield = rules.isLocationHidden ? "location-withheld" : "location-shown"
        }
        if rules.isLocationHidden { view.hideLocation() }
        if !viewer.role.activities.contains("open-seal") || view.sealed?.isEmpty ?? true { view.sealed = nil }
        if !tellsAll, !viewer.role.activities.contains("view-withheld") { view.withheld = nil }
        let denied = Set((view.withheld ?? []).map(\.rule)).subtracting(["permission"])
        view.offers = rules.offers(deniedBy: rules.lacksPermission ? denied.union(["permission"]) : denied)
        view.identityChanged = patient.flatMap { identity.changed($0) }.flatMap { position in
            let period = PatientFactsAsOf.end(28, after: events[Int(position) - 1].time)
            return asOf.instant <= period ? position : nil
        }
        return .view(view)
    }

    /// Each resource as one item.
    func wholeHeld(_ patient: Identity.Patient, _ known: [LoggedEvent]) -> [HeldItem] {
        patient.subjects.flatMap { HeldRecord(events: known).wholeItems(of: $0) }
    }

    func held(_ patient: Identity.Patient?, _ known: [LoggedEvent]) -> [HeldItem] {
        patient?.subjects.flatMap { HeldRecord(events: known).items(of: $0) } ?? []
    }

    /// What the decision function alone must say: of the viewer, of the relationship, of each item in each
    /// category.
    enum Decisions {
        case usage
        case withheld(Verdict)
        /// Decided so, and told otherwise.
        case concealed(Verdict, told: Verdict)
        case decided(relationship: Verdict, items: [(HeldItem, category: String, Verdict)])
    }

    func decisions(_ asked: Asked) -> Decisions {
        let asOf = AsOf(asked.when, events: events, clock: clock)
        guard let position = known(asked, asOf) else { return .usage }
        let there = Array(events.prefix(Int(asOf.position)))
        let known = Array(events.prefix(Int(position)))
        let region = RegionAsOf(events: known, at: asOf.instant)
        switch ViewerDecision.decide(asked, region: region) {
        case .usage: return .usage
        case .withheld(let verdict): return .withheld(verdict)
        case .admitted(let viewer):
            guard let region else { return .usage }
            let rules = PatientRulesAsOf(
                facts: facts(asked, known), region: region.spec, viewer: viewer, instant: asOf.instant)
            if let (verdict, told) = concealed(rules, asked) { return .concealed(verdict, told: told) }
            let decision = ItemDecision(region: region, viewer: viewer, rules: rules)
            let patient = Identity(events: known, placeholders: region.last.placeholders).patient(
                asked.patient)
            let items = held(patient, there).flatMap { item in
                (item.category.map { [$0] } ?? ["other"]).map {
                    (item, category: $0, decision.decide(item, under: $0).0)
                }
            }
            return .decided(relationship: rules.relationship, items: items)
        }
    }

    /// Up to where policy and identity are known; nil where that cannot be asked.
    func known(_ asked: Asked, _ asOf: AsOf) -> UInt64? {
        guard let knownAt = asked.knownAt else { return asOf.position }
        let known = AsOf(knownAt, events: events, clock: clock).position
        return asked.when == .none || known < asOf.position ? nil : known
    }

    func facts(_ asked: Asked, _ known: [LoggedEvent]) -> PatientFactsAsOf {
        let identity = Identity(
            events: known, placeholders: RegionAsOf(events: known)?.last.placeholders ?? [])
        return PatientFactsAsOf(
            events: known, identity: identity, patient: identity.patient(asked.patient), asked: asked.patient)
    }

    /// What refuses the whole view: no relationship, or nobody there.
    func refusal(_ rules: PatientRulesAsOf, patientKnown: Bool) -> Verdict? {
        if !whole(rules).permit { return rules.relationship }
        return patientKnown ? nil : .withhold("unknown-patient", [UInt64]())
    }

    /// A staff exclusion, or a shield around whom the question does not name by number: answered as if nobody knew the
    /// patient.
    func concealed(_ rules: PatientRulesAsOf, _ asked: Asked) -> (Verdict, told: Verdict)? {
        let told = refusal(rules, patientKnown: false) ?? .withhold("unknown-patient", [UInt64]())
        if !rules.staffExclusions.isEmpty {
            return (.withhold("staff-exclusion", rules.staffExclusions).telling("nothing"), told)
        }
        guard rules.isLocationHidden, whole(rules).permit, case .subject = asked.patient else { return nil }
        return (.withhold("shield", rules.shields).telling("nothing"), told)
    }

    /// The view as a whole: by a relationship, or by an override that passes the want of one.
    func whole(_ rules: PatientRulesAsOf) -> Verdict {
        if rules.relationship.permit {
            return .permit(
                "relationship",
                [rules.viewer.profileFact] + rules.relationship.basis.map(Optional.some))
        }
        guard let passing = rules.overrides.first(where: { $0.passes.contains("relationship") }) else {
            return rules.relationship
        }
        return .permit("override", [rules.viewer.profileFact, passing.position])
    }

    private func fill(
        _ view: inout ExpectedView, _ held: [HeldItem], _ decision: ItemDecision, _ events: [LoggedEvent],
        tellsAll: Bool
    ) {
        view.outcome = "permit"
        let whole = whole(decision.rules)
        (view.rule, view.basis) = (whole.rule, whole.basis)
        var groups: [ExpectedView.Withheld] = []
        var spends: Set<UInt64> = []
        let hidden = Self.hidden(held, decision)
        for item in held {
            let (category, verdict, spent) = decision.decide(item, among: held)
            guard verdict.permit else {
                guard item.operation == .upsert else { continue }
                if tellsAll || verdict.told != "nothing" { Self.count(category, verdict, &groups) }
                if verdict.told == "sealed item" {
                    view.sealed = (view.sealed ?? [:]).merging(
                        [item.subject.organisation: 1], uniquingKeysWith: +)
                }
                continue
            }
            // What was shown under a permission spends it; that something is no more does not.
            if item.operation == .upsert { spends.formUnion(spent) }
            var shown = ExpectedView.Item(
                position: item.position, recorded: item.recorded,
                effective: item.effective,
                source: item.subject.organisation,
                category: category, rule: verdict.rule, basis: verdict.basis, type: item.type,
                id: item.daybookID,
                resource: item.operation == .upsert
                    ? (item.isCancelled ? item.resource?.withoutValue : item.resource)?
                        .withoutReferences(to: hidden).redacted(
                            narrative: verdict.without.contains("narrative"),
                            location: verdict.without.contains("location")) : nil)
            shown.previous = previous(of: item, decision, in: events, without: verdict.without)
            if item.operation == .upsert { view.items.append(shown) } else { view.tombstones.append(shown) }
        }
        view.items.sort(by: Self.precedes)
        view.tombstones.sort(by: Self.precedes)
        view.withheld = groups.sorted(by: Self.precedes)
        view.spends = spends.sorted()
    }

    /// What is held and shown in no part, gone or not: nothing shown may cite it.
    private static func hidden(_ held: [HeldItem], _ decision: ItemDecision) -> Set<String> {
        let decided = held.map { ("\($0.type)/\($0.daybookID)", decision.decide($0, among: held).1) }
        let hidden = decided.filter { !$0.1.permit }.map(\.0)
        return Set(hidden).subtracting(decided.filter(\.1.permit).map(\.0))
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

    static func precedes(_ a: ExpectedView.Item, _ b: ExpectedView.Item) -> Bool {
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

extension ExpectedView {
    /// Of a shielded patient: no source, no ids, no events that lead to a source; groups that differ in nothing else are
    /// one.
    mutating func hideLocation() {
        items = Self.anonymous(items)
        tombstones = Self.anonymous(tombstones)
        sealed = sealed.map { $0.isEmpty ? [:] : ["none": $0.values.reduce(0, +)] }
        var groups: [Withheld] = []
        for entry in withheld ?? [] {
            if let same = groups.firstIndex(where: { $0.category == entry.category && $0.rule == entry.rule })
            {
                groups[same].count += entry.count
            } else {
                groups.append(
                    Withheld(category: entry.category, count: entry.count, rule: entry.rule, basis: []))
            }
        }
        withheld = withheld == nil ? nil : groups
    }

    /// In an order that asks for no id.
    static func anonymous(_ items: [Item]) -> [Item] {
        items.map { item in
            var out = item
            (out.source, out.id, out.basis) = ("none", JSONTree.anyID, [])
            return out
        }.sorted { a, b in
            if a.category != b.category { return HeldItem.rank(a.category) < HeldItem.rank(b.category) }
            if a.type != b.type { return Array(a.type.utf8).lexicographicallyPrecedes(Array(b.type.utf8)) }
            if a.position != b.position { return a.position < b.position }
            let texts = (a.resource?.text() ?? "", b.resource?.text() ?? "")
            return Array(texts.0.utf8).lexicographicallyPrecedes(Array(texts.1.utf8))
        }
    }
}
