import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// A patient's dissent and directives as Consents (FHIR R4), beside those that sources sent.
///
/// They say what is withheld from whom, so they are for those who may know that: a role with the activity `view-withheld`. Seals, staff
/// exclusions and shields are no Consents, and nothing here tells of them.
struct PolicyConsents {
    let decided: Store.DecidedView
    /// What is shown.
    let resources: [ShownResource]

    static func named(_ id: String) -> Position? {
        guard id.hasPrefix("policy-") else { return nil }
        return UInt64(id.dropFirst(7)).map { Position($0) }
    }

    func all(_ store: Store) throws(StoreError) -> [ShownResource] {
        guard let sight = decided.sight, decided.answer.permitted, !sight.redactsLocation,
            sight.may(Activity.viewWithheld)
        else { return [] }
        let point = decided.draft.point
        let facts = decided.draft.patient.facts
        let state = try store.regionState().history.state(
            at: DecisionPoint(instant: point.instant, position: decided.draft.known ?? point.position))
        var entries: [Position: PatientFacts.Entry] = [:]
        for entry in facts.entries where !entry.carried { entries[entry.position] = entry }
        var out: [ShownResource] = []
        for standing in state.consents(facts) where standing.position <= point.position {
            guard let entry = entries[standing.position] else { continue }
            let end = standing.endedBy.flatMap { entries[$0] }
            out.append(
                ShownResource(
                    type: "Consent", id: "policy-\(entry.position.value)",
                    position: end?.position ?? entry.position,
                    recordedAt: end?.recordedAt ?? entry.recordedAt,
                    content: json(entry, standing, ended: end), items: [],
                    made: ShownResource.Made(
                        item: ReceiptDetail.Item(
                            reference: "Consent/policy-\(entry.position.value)", position: entry.position,
                            category: Category.carePreferences.name, rule: Activity.viewWithheld),
                        source: "", basis: [])))
        }
        return out
    }

    private func json(
        _ entry: PatientFacts.Entry, _ standing: ConsentStanding, ended: PatientFacts.Entry?
    ) -> [UInt8] {
        let fact = entry.fact
        let isPermit = fact.kind == .consentDirective && fact.outcome == .permit
        var w = JSONWriter(capacity: 1024)
        w.object { w in
            w.member("resourceType", "Consent")
            w.member("id", "policy-\(entry.position.value)")
            w.member("status", standing.state.rawValue)
            w.key("scope")
            Self.concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", &w)
            w.key("category")
            w.array { w in Self.concept("http://loinc.org", "59284-0", &w) }
            if let patient = resources.first(where: { $0.type == "Patient" }) {
                w.key("patient")
                w.object { w in w.member("reference", patient.reference) }
            }
            w.member("dateTime", entry.recordedAt.rfc3339)
            w.key("policyRule")
            Self.concept(
                "http://terminology.hl7.org/CodeSystem/v3-ActCode", isPermit ? "OPTIN" : "OPTOUT", &w)
            w.key("provision")
            w.object { w in
                w.member("type", isPermit ? "permit" : "deny")
                // What ended it did so from then on, or when it was recorded.
                let ending = ended.map { $0.fact.from ?? $0.recordedAt }
                let until = [standing.until, ending].compactMap(\.self).min().map {
                    max($0, standing.from)
                }
                w.key("period")
                w.object { w in
                    w.member("start", standing.from.rfc3339)
                    w.member("end", ifPresent: until?.rfc3339)
                }
                actors(fact, &w)
                let categories = fact.categories.names
                if !categories.isEmpty {
                    w.key("code")
                    w.array { w in
                        for category in categories { w.object { w in w.member("text", category) } }
                    }
                }
            }
        }
        return w.finish()
    }

    /// Whom a directive names: organisations by code, users by id.
    private func actors(_ fact: PatientFact, _ w: inout JSONWriter) {
        let named =
            fact.organisations.map { ("https://fhir.nhs.uk/Id/ods-organization-code", $0) }
            + [fact.user].compactMap(\.self).map { ("urn:daybook:user", $0) }
            + [fact.org].compactMap(\.self).map { org in
                guard let workgroup = fact.workgroup else {
                    return ("https://fhir.nhs.uk/Id/ods-organization-code", org)
                }
                return ("urn:daybook:workgroup", "\(org)/\(workgroup)")
            }
        guard !named.isEmpty else { return }
        w.key("actor")
        w.array { w in
            for (system, value) in named {
                w.object { w in
                    w.key("role")
                    Self.concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", &w)
                    w.key("reference")
                    w.object { w in
                        w.key("identifier")
                        w.object { w in
                            w.member("system", system)
                            w.member("value", value)
                        }
                    }
                }
            }
        }
    }

    private static func concept(_ system: String, _ code: String, _ w: inout JSONWriter) {
        w.object { w in
            w.key("coding")
            w.array { w in
                w.object { w in
                    w.member("system", system)
                    w.member("code", code)
                }
            }
        }
    }
}
