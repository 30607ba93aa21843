/// Whom a search must find (decision 13), from the whole list of events.
extension ViewModel {
    /// One match, as far as finding shows it.
    struct Found: Hashable {
        var name: String?
        var birthDate: String?
        var number: String?
        var district: String?
    }

    struct Findings {
        var rule: String
        var basis: [UInt64] = []
        var matches: [Found] = []
    }

    static let mostMatches = 5

    /// nil where a role must be chosen.
    func find(_ search: Search) -> Findings? {
        // Any patient will do: who asks does not depend on it.
        let asked = Asked(
            Question(
                user: search.user, role: search.role, patient: .number(search.number ?? ""), when: .none,
                purpose: search.purpose), events: events)
        let instant = AsOf(.none, events: events, clock: clock).instant
        let region = RegionAsOf(events: events, at: instant)
        let viewer: ViewerDecision.Viewer
        switch ViewerDecision.decide(asked, region: region, activity: "find-patient") {
        case .usage: return nil
        case .withheld(let verdict): return Findings(rule: verdict.rule, basis: verdict.basis)
        case .admitted(let admitted): viewer = admitted
        }
        guard let region else { return nil }
        let identity = Identity(events: events, placeholders: region.last.placeholders)
        var matches: [Found] = []
        for (name, patient) in patients(search, identity) {
            let facts = PatientFactsAsOf(
                events: events, identity: identity, patient: patient, asked: name)
            let rules = PatientRulesAsOf(
                facts: facts, region: region.spec, viewer: viewer, instant: instant)
            // Nobody finds one who is shielded, nor one whom they are excluded from.
            guard rules.staffExclusions.isEmpty, rules.shields.isEmpty else { continue }
            let decision = ItemDecision(region: region, viewer: viewer, rules: rules, isFinding: true)
            if let found = match(search, patient, decision, identity) { matches.append(found) }
        }
        if matches.count > Self.mostMatches { return Findings(rule: "too-many") }
        if matches.isEmpty { return Findings(rule: "unknown-patient") }
        return Findings(
            rule: "find-patient", basis: [viewer.profileFact].compactMap(\.self), matches: matches)
    }

    /// Each patient whom it may be, once.
    private func patients(
        _ search: Search, _ identity: Identity
    ) -> [(PatientName, Identity.Patient)] {
        if let number = search.number {
            return identity.patient(.number(number)).map { [(.number(number), $0)] } ?? []
        }
        var out: [(PatientName, Identity.Patient)] = []
        for subject in identity.seen where !out.contains(where: { $0.1.subjects.contains(subject) }) {
            let wasSaid = identity.assertions(of: subject).contains { isNamed(search, $0.said) }
            if wasSaid, let patient = identity.patient(.subject(subject)) {
                out.append((.subject(subject), patient))
            }
        }
        return out
    }

    private func isNamed(_ search: Search, _ said: MessageSpec.Assertion) -> Bool {
        said.birthDate == search.birthDate && Names.agree(search.family, said.family, rule: "equal")
    }

    /// The first of the patient's records, in the order they came, that says all that is asked for, and whose person may be shown;
    /// one with a number before one without.
    private func match(
        _ search: Search, _ patient: Identity.Patient, _ decision: ItemDecision, _ identity: Identity
    ) -> Found? {
        let subjects = patient.subjects.sorted {
            (identity.firstSeen($0) ?? 0) < (identity.firstSeen($1) ?? 0)
        }
        var best: Found?
        for subject in subjects {
            guard let said = identity.assertionInForce(of: subject)?.said, isMeant(search, said),
                let item = HeldRecord(events: events).items(of: subject).first(where: {
                    $0.type == "Patient" && $0.category == "demographics" && $0.operation == .upsert
                }), decision.decide(item, under: "demographics").0.permit, let resource = item.resource
            else { continue }
            let borne = identity.numbers(of: subject)
            let stated = said.numbers.filter { stated in borne.contains { $0.digits == stated.digits } }
            let number = search.number ?? (stated.first { $0.verified } ?? stated.first)?.digits
            let place = Self.postcode(resource)
            if let gender = search.gender, resource["gender"]?.text != gender { continue }
            if let postcode = search.postcode, Self.letters(postcode) != place { continue }
            let found = Found(
                name: Self.name(resource), birthDate: resource["birthDate"]?.text, number: number,
                district: place.map { String($0.dropLast(3)) })
            if best == nil || best?.number == nil && number != nil { best = found }
        }
        return best
    }

    private func isMeant(_ search: Search, _ said: MessageSpec.Assertion) -> Bool {
        if search.number != nil { return true }
        guard isNamed(search, said) else { return false }
        return search.given.map { Names.agree($0, said.given, rule: "equal") } ?? true
    }

    private static func name(_ resource: JSONTree) -> String? {
        let all = resource["name"]?.elements ?? []
        guard let name = all.first(where: { $0["use"]?.text == "official" }) ?? all.first else { return nil }
        if let text = name["text"]?.text { return text }
        let parts =
            (name["given"]?.elements ?? []).compactMap(\.text)
            + [name["family"]?.text?.uppercased()].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// Of the home address, else of the first that is not an old one.
    private static func postcode(_ resource: JSONTree) -> String? {
        let all = (resource["address"]?.elements ?? []).filter { $0["use"]?.text != "old" }
        let home = all.first { $0["use"]?.text == "home" } ?? all.first
        return home?["postalCode"]?.text.map(letters)
    }

    private static func letters(_ postcode: String) -> String {
        postcode.uppercased().filter { $0 != " " }
    }
}
