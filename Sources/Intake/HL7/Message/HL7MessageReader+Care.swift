import CareRecord
import HL7

/// What a person's message says of who looks after them in general (decision 20).
extension HL7MessageReader {
    /// PD1-3 names practices, PD1-4 practitioners, whose assigning facility is where they work.
    mutating func addCare(_ state: RelationshipState) {
        let pd1 = segment("PD1")
        let practices = (pd1?.field(3).repetitions ?? []).compactMap {
            ($0.component(10).words ?? $0.component(3).words).map { NamedOrganisation.ods($0) }
        }
        let workplaces = (pd1?.field(4).repetitions ?? []).compactMap {
            $0.component(14).subcomponent(1).words.map { NamedOrganisation.id($0) }
        }
        let named = practices + workplaces
        if named.isEmpty, state != .over { return }
        events.append(
            .care(
                CareStatement(
                    .person, item: "Patient/\(subject.localID)",
                    reference: "Patient/\(daybookID("Patient", subject.localID))", organisations: named,
                    state: state, told: trigger)))
    }
}
