import CareRecord
import Wire

extension RegionFileReader {
    mutating func readOrganisation(_ value: PolicyValue) {
        let keys = [
            "ods", "name", "kind", "licences", "charterSigned", "caldicottGuardian", "privacyOfficer", "dpo",
            "closed",
            "successors",
        ]
        guard let entry = value.mapping(keys) else { return }
        let name = entry.required("name")?.text()
        let kind = entry.required("kind")?.choice(OrganisationDetails.Kind.self)
        let licences = entry["licences"]?.count(upTo: Self.maximumLicences) ?? 0
        let charter = entry["charterSigned"]?.date()
        for key in ["caldicottGuardian", "privacyOfficer"] {
            if let officer = entry[key] { officers.append(officer) }
        }
        guard let ods = entry.required("ods")?.ods() else { return }
        guard declaration.organisations[ods] == nil else {
            entry["ods"]?.report("organisation \(ods) is listed twice: keep one")
            return
        }
        declaration.organisations[ods] = OrganisationDetails(
            ods: ods, name: name ?? "", kind: kind ?? .other,
            caldicottGuardian: entry["caldicottGuardian"]?.identifier(),
            privacyOfficer: entry["privacyOfficer"]?.identifier(), dpo: entry["dpo"]?.text())
        if licences > 0 { declaration.pools[ods] = licences }
        if let charter { declaration.charters[ods] = calendar.start(of: charter) }
        readClosure(entry, ods)
    }

    private mutating func readClosure(_ entry: PolicyMapping, _ ods: String) {
        guard let closed = entry["closed"] else {
            entry["successors"]?.report("successors are for a closed organisation: say closed: DATE")
            return
        }
        guard let from = closed.instant(ends: false, in: calendar) else { return }
        var closure = OrganisationClosure(ods: ods, from: from)
        for value in entry["successors"]?.list() ?? [] {
            if case .scalar = value.node {
                if let successor = value.ods() { closure.successors.append(.init(ods: successor)) }
            } else if let part = value.mapping(["ods", "subjects"]),
                let successor = part.required("ods")?.ods()
            {
                closure.successors.append(
                    .init(ods: successor, subjects: part["subjects"]?.distinct { $0.identifier() }))
            }
        }
        declaration.closures[ods] = closure
    }

    /// A successor is another listed organisation, named once, and at most one takes what nobody names.
    func checkSuccessors(_ organisations: PolicyValue?) {
        for closure in declaration.closures.values.sorted(by: { $0.ods < $1.ods }) {
            let codes = closure.successors.map(\.ods)
            let unlisted = codes.first { declaration.organisations[$0] == nil || $0 == closure.ods }
            if let unlisted {
                organisations?.report(
                    "\(closure.ods) names successor \(unlisted): name another listed organisation")
            }
            if Set(codes).count != codes.count || closure.successors.filter({ $0.subjects == nil }).count > 1
            {
                organisations?.report(
                    "\(closure.ods) splits unclearly: name each successor once, all but one with subjects")
            }
        }
    }

    mutating func readFeed(_ value: PolicyValue) {
        guard let entry = value.mapping(["org", "maxSilence"]) else { return }
        let silence = entry["maxSilence"]?.duration()
        guard let ods = organisation(entry.required("org")) else { return }
        guard declaration.feeds[ods] == nil else {
            value.report("the feed of \(ods) is listed twice: keep one")
            return
        }
        declaration.feeds[ods] = FeedDetails(ods: ods, maxSilence: silence)
    }

    mutating func readAgreement(_ value: PolicyValue) {
        let keys = [
            "id", "controller", "recipients", "categories", "purposes", "legalBasis", "from", "to",
            "signatories",
            "suspended",
        ]
        guard let entry = value.mapping(keys) else { return }
        let reader = self
        let controller = organisation(entry.required("controller"))
        let recipients = entry.required("recipients")?.distinct { recipient in
            recipient.text() == "all" ? "all" : reader.organisation(recipient)
        }
        let categories = entry.required("categories")?.categories()
        let purposes = entry.required("purposes")?.distinct { $0.word() }
        let from = entry["from"]?.instant(ends: false, in: calendar)
        let to = entry["to"]?.instant(ends: true, in: calendar)
        if let from, let to, from > to { entry["to"]?.report("the agreement would end before it begins") }
        let bases = (entry["legalBasis"]?.list() ?? []).compactMap { legalBasis($0) }
        let suspended = entry["suspended"]?.flag() ?? false
        guard let id = entry.required("id")?.identifier() else { return }
        guard declaration.agreements[id] == nil else {
            entry["id"]?.report("agreement \(id) is listed twice: keep one")
            return
        }
        declaration.agreements[id] = AgreementTerms(
            id: id, controller: controller ?? "", recipients: recipients ?? [], categories: categories ?? [],
            purposes: purposes ?? [], legalBasis: bases, from: from, to: to,
            signatories: entry["signatories"]?.distinct { $0.text() })
        if suspended { declaration.suspended.insert(id) }
    }

    private func legalBasis(_ value: PolicyValue) -> AgreementTerms.LegalBasis? {
        guard let entry = value.mapping(["from", "to", "text"]) else { return nil }
        let (from, to) = (entry["from"]?.date(), entry["to"]?.date())
        if let from, let to, from > to { value.report("the legal basis would end before it begins") }
        guard let text = entry.required("text")?.text() else { return nil }
        return AgreementTerms.LegalBasis(from: from, to: to, text: text)
    }
}
