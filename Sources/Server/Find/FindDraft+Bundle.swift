import CareRecord
import Intake
import Wire

extension FindDraft {
    static let numberSystem = "https://fhir.nhs.uk/Id/nhs-number"

    /// The matches as a searchset, each a Patient with what finding shows and no more: no id, which names a source. Without receipts, and
    /// alike for nobody, for one who is hidden, and for one whom nobody shares.
    func bundle(_ address: FindRequest.Bundle) -> [UInt8] {
        var w = JSONWriter(capacity: 512 + matches.count * 384)
        w.object { w in
            w.member("resourceType", "Bundle")
            w.member("type", "searchset")
            let areTooMany = rule == Self.tooManyRule
            if !areTooMany { w.member("total", matches.count) }
            w.key("link")
            w.array { w in
                w.object { w in
                    w.member("relation", "self")
                    w.member("url", address.base + "/" + address.path)
                }
            }
            guard areTooMany || !matches.isEmpty else { return }
            w.key("entry")
            w.array { w in
                if areTooMany { w.object { Self.tooMany(&$0) } }
                for match in matches { w.object { Self.entry(match.found, &$0) } }
            }
        }
        return w.finish()
    }

    private static func entry(_ found: FoundPatient, _ w: inout JSONWriter) {
        w.key("resource")
        w.object { w in
            w.member("resourceType", "Patient")
            if let number = found.number {
                w.key("identifier")
                w.array { w in
                    w.object { w in
                        w.member("system", numberSystem)
                        w.member("value", number.description)
                    }
                }
            }
            if let name = found.name {
                w.key("name")
                w.array { w in w.object { w in w.member("text", name) } }
            }
            w.member("birthDate", ifPresent: found.birthDate)
            if let district = found.postcodeDistrict {
                w.key("address")
                w.array { w in w.object { w in w.member("postalCode", district) } }
            }
        }
        w.key("search")
        w.object { w in w.member("mode", "match") }
    }

    private static func tooMany(_ w: inout JSONWriter) {
        w.key("resource")
        w.object { w in
            w.member("resourceType", "OperationOutcome")
            w.key("issue")
            w.array { w in
                w.object { w in
                    w.member("severity", "warning")
                    w.member("code", "too-costly")
                    w.key("details")
                    w.object { w in w.member("text", "more match than are shown: say more of the patient") }
                }
            }
        }
        w.key("search")
        w.object { w in w.member("mode", "outcome") }
    }
}

extension Store {
    /// Patients found for a caller, as a Bundle; the receipts, one for each match, stand from the answer's on.
    ///
    /// - Throws: `ResourceRefusal`, recorded; `StoreError` where not even that could be.
    public func foundPatients(_ request: FindRequest, by caller: Caller) throws -> ResourceAnswer {
        let answer: FindAnswer
        do throws(StoreError) { answer = try findPatient(request) } catch {
            throw try recorded(error, caller, .findPatient)
        }
        let receipt = answer.receipts.first?.position ?? answer.position
        let isTold = [Rule.unknownPatient.rawValue, FindDraft.tooManyRule].contains(answer.rule)
        guard answer.permitted || isTold else {
            throw ResourceRefusal(
                kind: .refused(rule: answer.rule), position: answer.position, receipt: receipt)
        }
        return ResourceAnswer(
            body: answer.json, position: answer.position, receipt: receipt, version: nil, lastModified: nil)
    }
}
