import CareRecord
import HL7

/// Who a PID or an MRG says the patient is: the NHS number, and what the source itself calls them.
struct PatientIdentifiers {
    /// One identifier of a list (CX).
    struct Local: Hashable {
        var value: String
        /// Who gave it, as sent: the namespace, else the universal id; empty where that is not said.
        var authority: String
        /// Table 0203; empty where it is not said.
        var type: String
        /// The authority as a FHIR system.
        var system: String?

        /// What the identity goes by at its source: with the authority, unless that is unsaid or the source itself, since two
        /// hospitals of one feed may both have a patient 100.
        func localID(at source: String) -> String {
            authority.isEmpty || authority.uppercased() == source.uppercased()
                ? value : "\(authority):\(value)"
        }

        /// Whether it names the patient at the source, and nothing else: no account, visit, licence or insurance.
        var namesPatient: Bool { ["", "MR", "PI", "PT", "U", "PRN", "HC", "MRN"].contains(type) }
    }

    /// As sent, NHS numbers that are none included.
    private(set) var numbers: [String] = []
    private(set) var locals: [Local] = []

    /// NHS numbers under their object identifier.
    private static let nhsOID = "2.16.840.1.113883.2.1.4.1"

    /// - Parameter lists: fields of the type CX, the most telling first.
    init(_ lists: [HL7Value]) {
        for list in lists {
            for repetition in list.repetitions { add(repetition) }
        }
    }

    private mutating func add(_ value: HL7Value) {
        guard let id = value.component(1).words else { return }
        let assigner = value.component(4)
        let (namespace, universal) = (assigner.subcomponent(1).words, assigner.subcomponent(2).words)
        let type = (value.component(5).words ?? "").uppercased()
        if type == "NH" || type == "NHS" || type == "NHSNMBR" || namespace?.uppercased() == "NHS"
            || universal == Self.nhsOID
        {
            if !numbers.contains(id) { numbers.append(id) }
            return
        }
        let local = Local(
            value: id, authority: namespace ?? (universal ?? ""), type: type,
            system: HL7People.authority(assigner))
        if !locals.contains(local) { locals.append(local) }
    }

    /// Those that name the patient at the source, the first of them first: medical record numbers, then what says no kind.
    var own: [Local] {
        let named = locals.filter(\.namesPatient)
        return named.filter { $0.type == "MR" } + named.filter { $0.type != "MR" }
    }

    /// What the patient goes by at the source; an NHS number where there is nothing else.
    func subject(at source: String) -> SubjectID? {
        guard let id = own.first?.localID(at: source) ?? numbers.first else { return nil }
        return SubjectID(organisation: source, localID: id)
    }

    var isEmpty: Bool { numbers.isEmpty && own.isEmpty }
}
