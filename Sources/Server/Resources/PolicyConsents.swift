import CareRecord
import EventLog
import Intake
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

    func all() -> [ShownResource] {
        guard let context = decided.context, decided.answer.permitted, !context.redactsLocation,
            context.viewer.activities.contains(Activity.viewWithheld)
        else { return [] }
        let entries = decided.draft.patient.facts.entries.filter {
            !$0.carried && $0.position <= decided.draft.point.position
        }.sorted { $0.position < $1.position }
        return entries.filter { isTold($0.fact) }.map { entry in
            let end = entries.first { $0.position > entry.position && Self.ends($0.fact, entry.fact) }
            let until = entry.fact.to ?? .distantFuture
            let isActive = end == nil && until >= decided.draft.point.instant
            return ShownResource(
                type: "Consent", id: "policy-\(entry.position.value)",
                position: end?.position ?? entry.position, recordedAt: end?.recordedAt ?? entry.recordedAt,
                content: json(entry, isActive: isActive, ended: end?.recordedAt), items: [])
        }
    }

    private func isTold(_ fact: PatientFact) -> Bool {
        fact.kind == .dissentSet || fact.kind == .consentDirective
    }

    private static func ends(_ end: PatientFact, _ fact: PatientFact) -> Bool {
        switch (fact.kind, end.kind) {
        case (.dissentSet, .dissentWithdrawn): true
        case (.consentDirective, .directiveWithdrawn): end.id == fact.id
        default: false
        }
    }

    private func json(_ entry: PatientFacts.Entry, isActive: Bool, ended: Instant?) -> [UInt8] {
        let fact = entry.fact
        let isPermit = fact.kind == .consentDirective && fact.outcome == .permit
        var w = JSONWriter(capacity: 1024)
        w.object { w in
            w.member("resourceType", "Consent")
            w.member("id", "policy-\(entry.position.value)")
            w.member("status", isActive ? "active" : "inactive")
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
                let until = fact.to ?? ended
                w.key("period")
                w.object { w in
                    w.member("start", (fact.from ?? entry.recordedAt).rfc3339)
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
