/// What `record` and `explain` must answer, from the whole list of events.
extension ViewModel {
    /// All that is held of the patient, before any policy.
    func record(_ asked: Asked) -> ExpectedView {
        let asOf = AsOf(asked.when, events: events, clock: clock)
        let there = Array(events.prefix(Int(asOf.position)))
        let region = RegionAsOf(events: there, at: asOf.instant)
        let identity = Identity(events: there, placeholders: region?.last.placeholders ?? [])
        var view = ExpectedView(
            outcome: "withhold", rule: "unknown-patient", basis: [], position: asOf.position,
            time: asOf.shown, final: asOf.final, apart: 0)
        if let region { view.sources = SourcesAsOf.list(events: there, region: region, at: asOf) }
        guard let patient = identity.patient(asked.patient) else { return view }
        (view.outcome, view.rule, view.apart) = ("permit", "record", patient.apart)
        var parts: Set<String> = []
        for item in wholeHeld(patient, there) {
            if item.operation == .upsert, item.type == "Patient" {
                if item.resource?["generalPractitioner"] != nil { parts.insert("gp-practice") }
                if item.resource?["contact"] != nil { parts.insert("next-of-kin") }
            }
            let shown = ExpectedView.Item(
                position: item.position, recorded: item.recorded, effective: item.effective,
                source: item.subject.organisation, category: item.category ?? "other", rule: "record",
                basis: [], type: item.type, id: item.daybookID,
                resource: item.operation == .upsert ? item.resource : nil)
            if item.operation == .upsert { view.items.append(shown) } else { view.tombstones.append(shown) }
        }
        view.items.sort(by: Self.precedes)
        view.tombstones.sort(by: Self.precedes)
        let shown = Set(view.items.map(\.category)).union(parts)
        view.absent = HeldItem.categoryOrder.filter { !shown.contains($0) }
        view.identityChanged = identity.changed(patient).flatMap { position in
            let period = PatientFactsAsOf.end(28, after: events[Int(position) - 1].time)
            return asOf.instant <= period ? position : nil
        }
        return view
    }

    /// Items of one source and category that one reason decides.
    struct ExplainedGroup: Hashable {
        var source: String
        var category: String
        var permit: Bool
        var rule: String
        var basis: [UInt64]
    }

    enum Explained {
        case usage
        /// Where somebody is could be read off the reasons; or the case is not open.
        case refused
        case told(whole: Verdict, items: [(reference: String, group: ExplainedGroup)])
    }

    /// What a store's owner is told of the reasons, and of all of them under a case.
    func explained(_ asked: Asked) -> Explained {
        let asOf = AsOf(asked.when, events: events, clock: clock)
        guard let position = known(asked, asOf) else { return .usage }
        if let reference = asked.caseReference, !isOpen(reference, for: asked.patient) { return .refused }
        let tellsAll = asked.caseReference != nil
        let there = Array(events.prefix(Int(asOf.position)))
        let known = Array(events.prefix(Int(position)))
        let region = RegionAsOf(events: known, at: asOf.instant)
        let viewer: ViewerDecision.Viewer
        switch ViewerDecision.decide(asked, region: region) {
        case .usage: return .usage
        case .withheld(let verdict): return .told(whole: verdict, items: [])
        case .admitted(let admitted): viewer = admitted
        }
        guard let region else { return .usage }
        let patient = Identity(events: known, placeholders: region.last.placeholders).patient(asked.patient)
        let rules = PatientRulesAsOf(
            facts: facts(asked, known), region: region.spec, viewer: viewer, instant: asOf.instant)
        if let (verdict, told) = concealed(rules, asked) {
            return .told(whole: tellsAll ? verdict : told, items: [])
        }
        if let refusal = refusal(rules, patientKnown: patient != nil) {
            return .told(whole: refusal, items: [])
        }
        if rules.isLocationHidden, !tellsAll { return .refused }
        let decision = ItemDecision(region: region, viewer: viewer, rules: rules)
        let held = held(patient, there)
        let mayKnow = viewer.role.activities.contains("view-withheld")
        let items = held.filter { $0.operation == .upsert }.compactMap {
            item -> (reference: String, group: ExplainedGroup)? in
            let (category, verdict, _) = decision.decide(item, among: held)
            guard verdict.permit || tellsAll || mayKnow && verdict.told != "nothing" else { return nil }
            let group = ExplainedGroup(
                source: item.subject.organisation, category: category, permit: verdict.permit,
                rule: verdict.rule, basis: verdict.basis)
            return ("\(item.type)/\(item.daybookID)", group)
        }
        return .told(whole: whole(rules), items: items)
    }
}
