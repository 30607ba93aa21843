import CareRecord
import Ciphers
import HL7
import Intake

/// The kinds of message that `ingest` takes.
public enum MessageType: String, CaseIterable, Sendable {
    case fhir, hl7v2

    /// By how the bytes begin: what does not begin like HL7 v2 is read as FHIR.
    public init(sniffing bytes: [UInt8]) { self = HL7File.isHL7(bytes) ? .hl7v2 : .fhir }
}

/// Reads messages of one source, of any kind.
struct SourceReader: Sendable {
    let fhir: FHIRIntake
    let hl7v2: HL7Intake

    var source: String { fhir.source }

    func message(
        _ bytes: [UInt8], _ type: MessageType, file: String?, line: Int?, standing: [Int: String] = [:]
    ) -> Result<MessageDraft, IntakeReject> {
        switch type {
        case .fhir: fhir.message(bytes, file: file, line: line, standing: standing)
        case .hl7v2: hl7v2.message(bytes, file: file, line: line)
        }
    }
}

extension Store {
    func sourceReader(
        _ source: String, _ organisation: OrganisationDetails, _ settings: RegionSettings?
    ) -> SourceReader {
        let fhir = fhirIntake(source: source, organisation, settings)
        return SourceReader(
            fhir: fhir,
            hl7v2: HL7Intake(
                source: source, nhsNumberSystem: fhir.nhsNumberSystem,
                calendar: settings?.calendar ?? .london,
                acceptsTraining: isSimulated, digest: { SHA256.hash($0).bytes }))
    }
}
