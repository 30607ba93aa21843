import Foundation
import Wire

/// What is to be withheld: one resource of each of some types, each with words that nothing else says, in every place that a resource
/// has for words.
struct AttackSecret: Sendable {
    /// The source's id of whose it is.
    var subject: String
    /// Ids begin with it.
    var prefix = "gs"
    /// A label of the source's own, by which policy knows it.
    var security: (system: String, code: String)?

    /// Words that no probe says: no answer to one may hold them, nor their base64.
    static let words = "QXJZVK-withheld-words"
    static var markers: [String] { [words, "XKCODEX", encoded] }
    /// At all three offsets the base64 of the words has this part.
    static var encoded: String { String(Base64.encode(Array(words.utf8)).prefix(20)) }

    /// What a probe may guess.
    static let code = "99999-4"
    static let identifier = "urn:secret|s-77"
    static let date = "2018-01-15"

    static let types = [
        "Observation", "Condition", "DiagnosticReport", "DocumentReference", "Binary", "Encounter",
        "MedicationStatement", "AllergyIntolerance", "Procedure",
    ]
    /// What names nobody and is cited by it alone.
    static let cited = ["Specimen", "Practitioner"]
    static let citesGone = true

    func id(_ type: String) -> String { prefix + "-" + type.lowercased().prefix(4) + "\(type.count)" }

    private func meta() -> String {
        guard let security else { return "" }
        return #""meta":{"security":[{"system":"\#(security.system)","code":"\#(security.code)"}]},"#
    }

    private func common(_ more: String) -> String {
        let words = Self.words
        return meta()
            + #""text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">\#(words)</div>"},"#
            + #""identifier":[{"system":"urn:secret","value":"s-77"}],"#
            + #""contained":[{"resourceType":"Device","id":"d1","note":[{"text":"\#(words)"}]}],"#
            + #""extension":[{"url":"urn:x","valueString":"\#(words)"}],"# + more
    }

    private var concept: String {
        #"{"coding":[{"system":"http://loinc.org","code":"\#(Self.code)","display":"\#(Self.words)"},{"system":"urn:x","code":"XKCODEX"}],"text":"\#(Self.words)"}"#
    }

    private var owner: String { #""subject":{"reference":"Patient/\#(subject)"}"# }

    func entries(_ types: [String] = AttackSecret.types, version: Int = 1) -> [String] {
        types.map { type in
            AttackMessages.put(type, id(type), members(type).replacing("VERSION", with: "\(version)"))
        }
    }

    func citedEntries() -> [String] {
        [
            AttackMessages.put(
                "Specimen", id("Specimen"),
                meta() + #""type":{"text":"\#(Self.words)"},"status":"available",\#(owner)"#),
            AttackMessages.put(
                "Practitioner", id("Practitioner"), meta() + #""name":[{"family":"\#(Self.words)"}]"#),
        ]
    }

    func goneEntry() -> String { AttackMessages.put("Observation", prefix + "-gone", members("Observation")) }

    private func members(_ type: String) -> String {
        let date = Self.date
        let by = #"{"reference":"Practitioner/\#(id("Practitioner"))"}"#
        switch type {
        case "Observation":
            return common(
                #""status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":\#(concept),\#(owner),"effectiveDateTime":"\#(date)","valueString":"\#(Self.words) VERSION","performer":[\#(by)],"specimen":{"reference":"Specimen/\#(id("Specimen"))"},"encounter":{"reference":"Encounter/\#(id("Encounter"))"}"#
            )
        case "Condition":
            return common(
                #""clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"code":"confirmed"}]},"category":[{"coding":[{"code":"problem-list-item"}]}],"code":\#(concept),\#(owner),"onsetDateTime":"\#(date)","recordedDate":"\#(date)","asserter":\#(by),"encounter":{"reference":"Encounter/\#(id("Encounter"))"},"note":[{"text":"VERSION"}]"#
            )
        case "DiagnosticReport":
            return common(
                #""status":"final","category":[{"coding":[{"code":"LAB"}]}],"code":\#(concept),\#(owner),"effectiveDateTime":"\#(date)","issued":"\#(date)T10:00:00Z","result":[{"reference":"Observation/\#(id("Observation"))"}],"conclusion":"\#(Self.words)""#
            )
        case "DocumentReference":
            return common(
                #""status":"current","type":\#(concept),\#(owner),"date":"\#(date)T10:00:00Z","author":[\#(by)],"content":[{"attachment":{"contentType":"text/plain","data":"\#(Base64.encode(Array(Self.words.utf8)))"}},{"attachment":{"contentType":"text/plain","url":"Binary/\#(id("Binary"))"}}]"#
            )
        case "Binary":
            return meta()
                + #""contentType":"text/plain","securityContext":{"reference":"Patient/\#(subject)"},"data":"\#(Base64.encode(Array(Self.words.utf8)))""#
        case "Encounter":
            return common(
                #""status":"finished","class":{"code":"AMB"},"type":[\#(concept)],\#(owner),"period":{"start":"\#(date)","end":"\#(date)"},"participant":[{"individual":\#(by)}],"diagnosis":[{"condition":{"reference":"Condition/\#(id("Condition"))"}}]"#
            )
        case "MedicationStatement":
            return common(
                #""status":"active","medicationCodeableConcept":\#(concept),\#(owner),"effectiveDateTime":"\#(date)""#
            )
        case "AllergyIntolerance":
            return common(
                #""clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"code":"confirmed"}]},"category":["food"],"criticality":"high","code":\#(concept),"patient":{"reference":"Patient/\#(subject)"},"recordedDate":"\#(date)""#
            )
        default:
            return common(
                #""status":"completed","code":\#(concept),\#(owner),"performedDateTime":"\#(date)","performer":[{"actor":\#(by)}],"note":[{"text":"VERSION"}]"#
            )
        }
    }

    // MARK: What is permitted and cites it

    /// Permitted resources of the same source. They cite it in every way that a reference has, where it is there: as if they never had
    /// is how they must read.
    func carriers(subject: String, isCiting: Bool, version: Int) -> [String] {
        func cited(_ type: String, _ suffix: String = "") -> String {
            #"{"reference":"\#(type)/\#(id(type))\#(suffix)","display":"\#(Self.words)"}"#
        }
        func list(_ kept: [String], _ withheld: [String]) -> String {
            (kept + (isCiting ? withheld : [])).joined(separator: ",")
        }
        func member(_ text: String) -> String { isCiting ? text : "" }
        let gone = [#"{"reference":"Observation/\#(prefix)-gone"}"#].filter { _ in Self.citesGone }
        let full =
            #"{"reference":"https://fhir.example.org/fhir/Condition/\#(id("Condition"))","type":"Condition"}"#
        return [
            AttackMessages.put(
                "Encounter", "gp-enc",
                member(
                    #""text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">\#(Self.words)</div>"},"#
                )
                    + member(#""extension":[{"url":"urn:x","valueReference":\#(cited("Condition"))}],"#)
                    + #""status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/\#(subject)"},"period":{"start":"2018-01-1\#(version)"},"diagnosis":[\#(list([#"{"condition":{"reference":"Condition/gp-cond"},"rank":1}"#], [#"{"condition":\#(cited("Condition")),"rank":2}"#, #"{"condition":\#(full)}"#]))]"#
                    + member(#","reasonReference":[\#(cited("Condition", "/_history/7"))]"#)),
            AttackMessages.put(
                "DiagnosticReport", "gp-rep",
                #""contained":[{"resourceType":"Observation","id":"c1","status":"final","code":{"text":"panel"}\#(member(#","hasMember":[\#(cited("Observation"))]"#))}],"#
                    + AttackMessages.laboratory(
                        "24323-8", subject: subject, on: "2018-01-12",
                        more:
                            #","conclusion":"version \#(version)","result":[\#(list([#"{"reference":"Observation/gp-obs"}"#, ##"{"reference":"#c1"}"##], [cited("Observation")] + gone))]"#
                    )),
            AttackMessages.put(
                "DocumentReference", "gp-doc",
                #""status":"current","type":{"text":"Letter \#(version)"},"subject":{"reference":"Patient/\#(subject)"},"date":"2018-01-12T10:00:00Z""#
                    + member(#","relatesTo":[{"code":"appends","target":\#(cited("DocumentReference"))}]"#)
                    + #","content":[{"attachment":{"contentType":"text/plain","data":"SGVsbG8="}}\#(member(#",{"attachment":{"contentType":"text/plain","url":"Binary/\#(id("Binary"))"}}"#))]"#
                    + member(
                        #","context":{"related":[\#(cited("Procedure")),\#(cited("Observation"))],"encounter":[\#(cited("Encounter"))]}"#
                    )),
        ]
    }
}
