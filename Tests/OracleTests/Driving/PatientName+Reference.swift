import CareRecord
import Wire

extension PatientName {
    /// As the store takes it; nil for a number that is none.
    var reference: PatientReference? {
        switch self {
        case .number(let digits): NHSNumber(digits).map { .nhs($0) }
        case .subject(let name):
            .subject(SubjectID(organisation: name.organisation, localID: name.localID))
        }
    }
}
