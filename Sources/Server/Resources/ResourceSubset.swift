import Intake

/// Part of a resource, as `_elements` or `_summary` asks, marked as one (FHIR R4, 3.1.1.5.8).
struct ResourceSubset {
    private let keeps: (String) -> Bool

    /// - Returns: nil where the search asks for whole resources.
    init?(_ search: ResourceSearch) {
        if !search.elements.isEmpty {
            let wanted = Set(search.elements).union(Self.mandatory)
            keeps = { wanted.contains($0) }
            return
        }
        switch search.summary {
        case .false, .count: return nil
        case .text: keeps = { Self.mandatory.contains($0) || $0 == "text" }
        case .data: keeps = { $0 != "text" }
        case .true: keeps = { Self.mandatory.contains($0) || Self.summary.contains($0) }
        }
    }

    /// What makes a resource one, and what FHIR has at least once in the types served.
    private static let mandatory: Set<String> = [
        "resourceType", "id", "meta", "status", "code", "subject", "patient", "intent", "vaccineCode",
        "class",
        "medicationCodeableConcept", "medicationReference", "content", "participant", "scope", "target",
        "agent",
        "recorded", "contentType",
    ]

    /// Elements that FHIR R4 marks as summary, in the types served.
    private static let summary: Set<String> = [
        "implicitRules", "identifier", "active", "name", "telecom", "gender", "birthDate", "address",
        "category",
        "effectiveDateTime", "effectivePeriod", "issued", "valueQuantity", "valueCodeableConcept",
        "valueString",
        "hasMember", "derivedFrom", "encounter", "performer", "result", "clinicalStatus",
        "verificationStatus",
        "onsetDateTime", "onsetPeriod", "recordedDate", "authoredOn", "type", "period", "serviceType",
        "priority",
        "date", "author", "custodian", "description", "docStatus", "performedDateTime", "performedPeriod",
        "occurrenceDateTime", "criticality", "start", "end", "appointmentType", "started", "modality",
        "series",
        "title", "authored", "dateTime", "managingOrganization", "relationship", "location",
    ]

    /// - Parameter content: a resource with a meta, as served.
    /// - Throws: where it does not read: a part was asked for, so the whole is not shown.
    func applied(to content: [UInt8], of reference: String) throws(StoreError) -> [UInt8] {
        let document = try StoredJSON.document(content, of: reference)
        var w = JSONWriter(capacity: content.count)
        w.object { w in
            for (name, value) in document.root.members {
                let bare = name.hasPrefix("_") ? String(name.dropFirst()) : name
                guard keeps(bare) else { continue }
                name == "meta" ? Self.mark(value, into: &w) : w.member(name, raw: value.raw)
            }
        }
        return w.finish()
    }

    private static let tag =
        #"{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}"#

    private static func mark(_ meta: JSONCursor, into w: inout JSONWriter) {
        w.key("meta")
        w.object { w in
            for (name, value) in meta.members where name != "tag" { w.member(name, raw: value.raw) }
            w.key("tag")
            w.array { w in
                for element in meta["tag"]?.elements ?? [] { w.raw(element.raw) }
                w.raw(tag.utf8)
            }
        }
    }
}
