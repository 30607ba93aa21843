import CareRecord
import Ciphers
import EventLog
import HL7
import Intake
import Wire

/// The keyed hashes that the care record's names go by.
extension KeyStore {
    /// The token of an NHS number: what facts and subjects that name it meet under.
    func numberToken(_ number: NHSNumber) -> StreamToken {
        token(.stream, Array("\u{0}nhs\u{0}\(number)".utf8))
    }

    /// The token of whatever names a patient.
    func token(of patient: PatientReference) -> StreamToken {
        switch patient {
        case .nhs(let number): numberToken(number)
        case .subject(let subject): token(.stream, subject.canonicalBytes)
        }
    }

    /// What makes a message the same: its source and id, and its bytes; of HL7 v2, which comes in files and in frames, without what
    /// carried it (decision 8, clause 5).
    func messageKey(source: String, id: String, raw: [UInt8], type: MessageType) -> MessageKey {
        let same = type == .hl7v2 ? HL7File.canonical(raw) : raw
        return MessageKey(
            order: 0, id: token(.messageID, Array("\(source)\u{0}\(id)".utf8)),
            digest: token(.messageDigest, SHA256.hash(same).bytes))
    }
}
