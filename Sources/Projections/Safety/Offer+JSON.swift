import CareRecord
import Intake

extension Offer {
    /// The fact as an entry of a patient policy file, which `daybook policy record` takes: the reason is the viewer's to give.
    ///
    /// - Parameter patient: as asked: an NHS number or `ODS:LOCALID`.
    func writeFact(about patient: String, into w: inout JSONWriter) {
        w.object { w in
            switch step {
            case .permission: w.key("permissionToView")
            case .selfClaim: w.key("relationshipCreated")
            case .override: w.key("overrideDeclared")
            }
            w.object { w in
                Self.writePatient(patient, into: &w)
                switch step {
                case .permission:
                    w.member("user", user)
                    w.member("basis", "asked")
                case .selfClaim:
                    w.member("org", organisation)
                    w.member("user", user)
                    w.member("kind", "self-claimed")
                case .override(let kind):
                    w.member("user", user)
                    w.member("kind", kind.rawValue)
                }
                w.member("recordedBy", user)
            }
        }
    }

    private static func writePatient(_ patient: String, into w: inout JSONWriter) {
        w.key("patient")
        if case .subject(let subject)? = PatientReference(patient) {
            w.object { w in
                w.member("org", subject.organisation)
                w.member("id", subject.localID)
            }
        } else {
            w.string(patient)
        }
    }

    static func write(_ offers: [Offer], about patient: String, into w: inout JSONWriter) {
        w.key("offers")
        w.array { w in
            for offer in offers {
                w.object { w in
                    w.member("step", offer.name)
                    w.member("activity", offer.activity)
                    w.member("means", offer.words)
                    if offer.needsReason { w.member("needs", "reason") }
                    w.key("fact")
                    offer.writeFact(about: patient, into: &w)
                }
            }
        }
    }
}
