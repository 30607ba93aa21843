import CareRecord
import Wire

/// What resources say of whose care their patient is in: who is registered, on a caseload, referred (decision 20).
extension FHIRMessageReader {
    mutating func careStatements(_ items: [ItemDraft]) -> [CareStatement] {
        let says = entries.contains { entry in Self.careKinds.contains { entry.isType($0.type) } }
        if isOpaque || !says { return [] }
        indexOrganisations()
        return zip(entries.filter { !$0.stands }, items).compactMap { entry, item in
            guard let kind = Self.careKinds.first(where: { entry.isType($0.type) })?.kind else { return nil }
            var out = CareStatement(
                kind, item: "\(item.meta.type)/\(item.meta.sourceID)", reference: item.meta.reference,
                organisations: [], state: .neverWas, asserted: item.meta.asserted, told: item.meta.type)
            // Deleted, or entered in error.
            guard let resource = entry.resource, item.meta.operation == .upsert else { return out }
            switch kind {
            case .person: return person(resource, &out) ? out : nil
            case .episode: return episode(resource, item.meta.status, &out) ? out : nil
            case .team: return team(resource, item.meta.status, &out) ? out : nil
            case .referral: return referral(resource, item.meta.status, &out) ? out : nil
            }
        }
    }

    private static let careKinds: [(type: StaticString, kind: CareStatement.Kind)] = [
        ("Patient", .person), ("EpisodeOfCare", .episode), ("CareTeam", .team), ("ServiceRequest", .referral),
    ]

    /// Who looks after the patient in general; a Patient that names nobody says nothing of it.
    private func person(_ resource: Int, _ out: inout CareStatement) -> Bool {
        out.organisations =
            organisations("generalPractitioner", of: resource)
            + organisations("managingOrganization", of: resource)
        let active = document.member("active", of: resource)
        let isInactive = active.map { document.tokens[$0].kind == .false } ?? false
        out.state = isInactive ? .over : .open(until: nil)
        return isInactive || !out.organisations.isEmpty
    }

    /// An EpisodeOfCare's status is required.
    private func episode(_ resource: Int, _ status: String?, _ out: inout CareStatement) -> Bool {
        out.organisations = organisations("managingOrganization", of: resource)
        let period = period(.period, of: resource)
        out.from = period.start
        switch status {
        case "active", "onhold": out.state = .open(until: period.end)
        case "finished": out.state = period.end.map { .ended($0) } ?? .over
        case "planned", "waitlist", "cancelled": out.state = .neverWas
        default: return false
        }
        return true
    }

    /// A CareTeam need not have a status: then it is what it says it is.
    private func team(_ resource: Int, _ status: String?, _ out: inout CareStatement) -> Bool {
        out.organisations = organisations("managingOrganization", of: resource)
        let period = period(.period, of: resource)
        out.from = period.start
        switch status {
        case "active", nil: out.state = .open(until: period.end)
        case "suspended": out.state = .over
        case "inactive": out.state = period.end.map { .ended($0) } ?? .over
        case "proposed": out.state = .neverWas
        default: return false
        }
        return true
    }

    private func referral(_ resource: Int, _ status: String?, _ out: inout CareStatement) -> Bool {
        if isReferral(resource) { out.organisations = organisations("performer", of: resource) }
        let occurrence = period(.occurrencePeriod, of: resource)
        out.from =
            document.stringMember(.authoredOn, of: resource).flatMap { DateRange($0, intake.calendar)?.first }
            ?? occurrence.start
        switch status {
        case "active", "on-hold": out.state = .open(until: occurrence.end)
        case "completed", "revoked": out.state = .over
        case "draft": out.state = .neverWas
        default: return false
        }
        return true
    }

    /// Whether a request asks somebody to see the patient: one that says what it is must say so, and no test of a specimen does.
    private func isReferral(_ resource: Int) -> Bool {
        guard let intent = document.stringMember("intent", of: resource),
            intent.hasSuffix("order") || intent == "plan" || intent == "directive",
            document.member("doNotPerform", of: resource).map({ document.tokens[$0].kind != .true }) ?? true,
            document.member(.specimen, of: resource) == nil
        else { return false }
        let categories = document.objects(in: document.member(.category, of: resource))
        if categories.isEmpty { return true }
        let codes = document.member(.code, of: resource).map { codings(of: $0) } ?? []
        return (codes + categories.flatMap { codings(of: $0) }).contains { coding in
            coding.system == Self.snomed
                ? Self.referralCodes.contains(coding.code) : coding.code == "referral"
        }
    }

    private static let snomed = "http://snomed.info/sct"
    /// Patient referral; referral to service (SNOMED CT, as UK Core's ServiceRequest has them).
    private static let referralCodes: Set<String> = ["3457005", "306206005"]

    /// What a Period's two dates stand for, where they are dates: a day begins with its first microsecond and ends with its last.
    private func period(_ name: FHIRName, of resource: Int) -> (start: Instant?, end: Instant?) {
        guard let period = document.member(name, of: resource) else { return (nil, nil) }
        func range(_ name: String) -> DateRange? {
            document.stringMember(name, of: period).flatMap { DateRange($0, intake.calendar) }
        }
        return (range("start")?.first, range("end")?.last)
    }
}
