import Wire

/// Makes messages: what they say, and bytes that say it.
struct MessageFactory: Sendable {
    let people: People
    let authorities: Set<String>
    var placeholders: [String]
    private var files = 0
    private var sent: [MessageSpec] = []

    init(people: People, authorities: Set<String>, placeholders: [String]) {
        self.people = people
        self.authorities = authorities
        self.placeholders = placeholders
    }

    mutating func message(now: Instant, rng: inout SplitMix64) -> MessageSpec {
        if let again = rng.maybePick(sent), rng.chance(1, in: 10) { return resend(again, now: now, &rng) }
        files += 1
        if rng.chance(2, in: 5), let made = hospitalMessage(files, now: now, rng: &rng) {
            sent.append(made)
            return made
        }
        let (subject, person) = rng.pick(people.subjects)
        var made = MessageSpec(
            source: subject.organisation, file: "f\(files).json", identifier: nil, timestamp: nil,
            patient: subject, items: [], bytes: [])
        let single = rng.chance(1, in: 8)
        if !single {
            made.identifier = rng.chance(2, in: 3) ? "m-\(files)" : nil
            made.timestamp = rng.chance(2, in: 3) ? Self.said(now, &rng) : nil
        }
        var withPatient = rng.chance(3, in: 5)
        if single { withPatient = rng.chance(1, in: 2) }
        let url = "urn:uuid:00000000-0000-4000-8000-\(String(1_000_000_000_00 + files))"
        let byURL = withPatient && !single && rng.chance(1, in: 3)
        if byURL { made.urls["Patient/\(subject.localID)"] = url }
        if withPatient { addPatient(to: &made, person: person, now: now, &rng) }
        let about = ResourceShapes.reference(byURL ? url : "Patient/\(subject.localID)")
        let count = single ? (withPatient ? 0 : 1) : rng.below(6) + (withPatient ? 0 : 1)
        for _ in 0..<count { addItem(to: &made, about: about, deletable: !single, now: now, &rng) }
        // A message whose resources name nobody would be about nobody.
        if !withPatient, !made.items.contains(where: { Self.names($0.resource, "Patient") }) {
            return message(now: now, rng: &rng)
        }
        made.bytes = Self.render(made, single: single, &rng)
        sent.append(made)
        return made
    }

    /// The same bytes again; or the same message id with other bytes.
    private mutating func resend(_ again: MessageSpec, now: Instant, _ rng: inout SplitMix64) -> MessageSpec {
        var copy = again
        if rng.chance(1, in: 3), again.identifier != nil, !again.isHL7, again.patient != nil {
            var other = message(now: now, rng: &rng)
            guard other.identifier != nil, !other.isHL7, other.fate == .taken else { return other }
            other.identifier = again.identifier
            other.bytes = Self.render(other, single: false, &rng)
            return other
        }
        if again.identifier != nil, rng.chance(1, in: 2) { copy.file = "again-\(again.file)" }
        return copy
    }

    /// A time that sources say: about now, with ties, sometimes long before, sometimes ahead of the clock.
    static func said(_ now: Instant, _ rng: inout SplitMix64) -> Instant {
        let hour: Int64 = 3_600_000_000
        let offset = rng.pick([0, -hour, -24 * hour, -24 * hour, -2400 * hour, 5 * hour, 72 * hour])
        let rounded = (now.microseconds / hour) * hour
        return Instant(microseconds: rounded + offset)
    }

    private func addPatient(
        to made: inout MessageSpec, person: Int, now: Instant, _ rng: inout SplitMix64
    ) {
        guard let subject = made.patient else { return }
        var assertion = people.assertion(of: person, placeholders: placeholders, rng: &rng)
        if rng.chance(1, in: 12) {
            let others = people.subjects.filter { $0.name.organisation == subject.organisation }
            assertion.otherRecordNumber =
                rng.chance(1, in: 2) ? "MR-\(rng.below(3))" : rng.pick(others).name.localID
        }
        if assertion.otherRecordNumber == subject.localID { assertion.otherRecordNumber = nil }
        var resource = PatientShape.resource(
            id: subject.localID, assertion, practice: rng.chance(1, in: 2), contact: rng.chance(1, in: 3),
            rng: &rng)
        let care = Self.addKeeper(to: &resource, source: made.source, &rng)
        let updated = rng.chance(1, in: 2) ? Self.said(now, &rng) : nil
        Self.stamp(&resource, updated, &rng)
        made.assertion = assertion
        let practice = ResourceShapes.own("Organization/or1", of: subject)
        resource = resource.mappingReferences { ResourceShapes.own($0, of: subject) }
        let cites = resource["generalPractitioner"] == nil ? [] : [practice]
        made.items.append(
            .init(
                operation: .upsert, type: "Patient", localID: subject.localID, category: "demographics",
                updated: updated, references: cites, care: care, resource: resource))
    }

    private func addItem(
        to made: inout MessageSpec, about: JSONTree, deletable: Bool, now: Instant, _ rng: inout SplitMix64
    ) {
        var shape = ResourceShapes.make(
            id: "x", patient: about, authority: authorities.contains(made.source), rng: &rng)
        guard let subject = made.patient else { return }
        let id = ResourceShapes.id(rng.pick(ResourceShapes.ids(shape.type)), of: subject)
        shape.resource["id"] = .string(id)
        shape.resource = shape.resource.mappingReferences { ResourceShapes.own($0, of: subject) }
        shape.references = shape.references.map { ResourceShapes.own($0, of: subject) }
        guard !made.items.contains(where: { $0.type == shape.type && $0.localID == id }) else { return }
        let care = Self.addCare(to: &shape, source: made.source, now: now, &rng)
        var item = MessageSpec.Item(
            operation: .upsert, type: shape.type, localID: id, category: shape.category,
            effective: shape.effective, codes: shape.codes, references: shape.references, care: care)
        if deletable, rng.chance(1, in: 10) {
            item.operation = .delete
            (item.effective, item.codes, item.references) = (nil, [], [])
            // What it was isn't said: only its type can be gone by.
            if item.type == "Observation" { item.category = "observations" }
            if item.type == "DiagnosticReport" { item.category = "blood-tests" }
        } else {
            if rng.chance(1, in: 12), Self.retract(&shape.resource, shape.type) {
                item.operation = .enteredInError
            }
            item.updated = rng.chance(1, in: 2) ? Self.said(now, &rng) : nil
            Self.stamp(&shape.resource, item.updated, &rng)
            item.resource = shape.resource
        }
        made.items.append(item)
    }

    private static func retract(_ resource: inout JSONTree, _ type: String) -> Bool {
        if ["Condition", "AllergyIntolerance"].contains(type) {
            resource["verificationStatus"] = ResourceShapes.coding(
                "http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error")
            return true
        }
        guard resource["status"] != nil else { return false }
        resource["status"] = "entered-in-error"
        return true
    }

    private static func stamp(_ resource: inout JSONTree, _ updated: Instant?, _ rng: inout SplitMix64) {
        guard let updated else { return }
        var text = updated.rfc3339
        if rng.chance(1, in: 3) {
            let shifted = Instant(microseconds: updated.microseconds + 3_600_000_000).rfc3339
            text = String(shifted.dropLast()) + "+01:00"
        }
        resource["meta"] = .object(["versionId": "1", "lastUpdated": .string(text)])
    }

    static func names(_ tree: JSONTree?, _ type: String) -> Bool {
        guard let tree else { return false }
        var found = false
        _ = tree.mappingReferences { text in
            if text.hasPrefix("\(type)/") || text.hasPrefix("urn:") { found = true }
            return text
        }
        return found
    }
}
