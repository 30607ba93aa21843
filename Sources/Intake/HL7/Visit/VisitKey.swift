import CareRecord
import HL7

/// What one visit goes by at its source, the same in every message about it.
struct VisitKey {
    var id: String
    /// The number as sent; nil where the visit has none.
    var number: HL7Value?

    /// PV1-19, else PID-18 (the account of the visit), else the patient and PV1-44, else the patient's one visit without a number.
    init(
        _ pv1: HL7Segment, _ pid: HL7Segment?, patient: SubjectID, admitted: HL7Moment?,
        _ bounded: (String) -> String
    ) {
        for value in [pv1.field(19), pid?.field(18)].compactMap(\.self) {
            guard let local = PatientIdentifiers([value]).locals.first else { continue }
            number = value
            id = bounded(local.localID(at: patient.organisation))
            return
        }
        id = "\(patient.localID)~\(admitted?.text ?? "visit")"
    }
}
