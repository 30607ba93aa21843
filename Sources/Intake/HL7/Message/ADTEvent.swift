/// The ADT events that are taken, and what each does (HL7 v2, chapter 3).
enum ADTEvent: String, CaseIterable, Sendable {
    case admit = "A01", transfer = "A02", discharge = "A03", register = "A04", preAdmit = "A05"
    case outpatientToInpatient = "A06", inpatientToOutpatient = "A07", update = "A08"
    case departing = "A09", arriving = "A10", cancelAdmit = "A11", cancelTransfer = "A12"
    case cancelDischarge = "A13", pendingAdmit = "A14", pendingTransfer = "A15", pendingDischarge = "A16"
    case link = "A24", cancelPendingDischarge = "A25", cancelPendingTransfer = "A26"
    case cancelPendingAdmit = "A27", addPerson = "A28", deletePerson = "A29", updatePerson = "A31"
    case unlink = "A37", cancelPreAdmit = "A38", merge = "A40"

    /// What it says of a visit.
    enum Visit: Sendable {
        /// The patient has come, or is back.
        case opens
        /// Something about a visit under way, or over where PV1-45 says so.
        case goesOn
        case ends
        /// Expected, not come.
        case planned
        /// What was said to be did not take place.
        case neverWas
    }

    /// Nil where it is about the person alone.
    var visit: Visit? {
        switch self {
        case .admit, .register, .outpatientToInpatient, .inpatientToOutpatient, .cancelDischarge: .opens
        case .transfer, .update, .departing, .arriving, .cancelTransfer, .pendingTransfer, .pendingDischarge,
            .cancelPendingDischarge, .cancelPendingTransfer:
            .goesOn
        case .discharge: .ends
        case .preAdmit, .pendingAdmit: .planned
        case .cancelAdmit, .cancelPendingAdmit, .cancelPreAdmit: .neverWas
        case .link, .addPerson, .deletePerson, .updatePerson, .unlink, .merge: nil
        }
    }

    /// Whether what its PV1 says of a discharge (PV1-36, PV1-45) has not happened: expected, or cancelled.
    var speaksOfNoDischargeYet: Bool {
        switch self {
        case .cancelDischarge, .pendingDischarge, .cancelPendingDischarge: true
        default: false
        }
    }

    /// Whether its PID describes the person. That of any other event only says who they are: it is shown until one that describes
    /// comes, and changes nothing that such a one said.
    var describesPerson: Bool {
        switch self {
        case .admit, .register, .preAdmit, .update, .pendingAdmit, .addPerson, .updatePerson: true
        default: false
        }
    }

    /// Whether it cannot do without PV1.
    var needsVisit: Bool { visit != nil && self != .update }
}
