import CareRecord
import Intake
import Testing

@Suite struct FHIRRejectTests {
    typealias F = IntakeFixture

    @Test(
        arguments: [
            ("[]", IntakeReject.Code.notAResource, "$"), ("1", .notAResource, "$"),
            ("{}", .notAResource, "$"),
            (#"{"resourceType":1}"#, .invalidValue, "$.resourceType"),
            (#"{"resourceType":"not a type"}"#, .invalidValue, "not a type.resourceType"),
            (#"{"resourceType":"Flag"}"#, .missingID, "Flag"),
            (#"{"resourceType":"Flag","id":5}"#, .invalidValue, "Flag.id"),
            (#"{"resourceType":"Flag","id":""}"#, .invalidValue, "Flag.id"),
            (#"{"resourceType":"Flag","id":"a b"}"#, .invalidValue, "Flag.id"),
            (#"{"resourceType":"Flag","id":"a/b"}"#, .invalidValue, "Flag.id"),
            (#"{"resourceType":"Flag","id":"1","meta":[]}"#, .invalidValue, "Flag.meta"),
            (
                #"{"resourceType":"Flag","id":"1","meta":{"lastUpdated":"2018-01-01"}}"#, .invalidValue,
                "Flag.meta.lastUpdated"
            ),
            (#"{"resourceType":"Flag","id":"1","contained":{}}"#, .invalidValue, "Flag.contained"),
            (#"{"resourceType":"Patient","id":"1","birthDate":1950}"#, .invalidValue, "Patient.birthDate"),
            (#"{"resourceType":"Patient","id":"1","identifier":{}}"#, .invalidValue, "Patient.identifier"),
            (#"{"resourceType":"Patient","id":"1","name":["x"]}"#, .invalidValue, "Patient.name"),
            (#"{"resourceType":"Bundle"}"#, .invalidValue, "Bundle"),
            (#"{"resourceType":"Bundle","type":"batch"}"#, .emptyBundle, "Bundle"),
            (#"{"resourceType":"Bundle","type":"batch","entry":[]}"#, .emptyBundle, "Bundle.entry"),
            (#"{"resourceType":"Bundle","type":"batch","entry":{}}"#, .invalidValue, "Bundle.entry"),
            (#"{"resourceType":"Bundle","type":"batch","entry":[1]}"#, .invalidValue, "Bundle.entry[0]"),
            (#"{"resourceType":"Bundle","type":"batch","entry":[{}]}"#, .invalidValue, "Bundle.entry[0]"),
            (
                #"{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/1"}}]}"#,
                .unsupportedRequest, "Bundle.entry[0].request.method"
            ),
            (
                #"{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"Flag?x=1"}}]}"#,
                .unsupportedRequest, "Bundle.entry[0].request"
            ),
            (
                #"""
                {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"PUT","url":"Flag/1"},
                "resource":{"resourceType":"Flag","id":"2"}}]}
                """#, .mismatchedID, "Bundle.entry[0].resource.id"
            ),
            (
                #"""
                {"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Flag","id":"1"}},
                {"resource":{"resourceType":"Flag"}}]}
                """#, .missingID, "Bundle.entry[1].resource"
            ),
            (
                F.bundle([#"{"resourceType":"Flag","id":"1"}"#, #"{"resourceType":"Flag","id":"1"}"#]),
                .duplicateResource, "Bundle.entry[1].resource"
            ),
            (
                #"{"resourceType":"Flag","id":"1","contained":[{"resourceType":"Patient","id":"p"}]}"#,
                .patientContained, "Flag.contained[0].resourceType"
            ),
            (
                #"{"resourceType":"Flag","id":"1","subject":{"reference":"http://a/fhir/Patient/1"}}"#,
                .patientElsewhere, "Flag.subject.reference"
            ),
            (
                #"{"resourceType":"Flag","id":"1","subject":{"reference":"urn:uuid:x"}}"#, .patientUnresolved,
                "Flag.subject.reference"
            ),
            (
                #"{"resourceType":"Flag","id":"1","note":{"reference":"Patient?identifier=s|1"}}"#,
                .patientUnresolved, "Flag.note.reference"
            ),
            (
                #"{"resourceType":"Patient","id":"1","birthDate":"\#(String(repeating: "1", count: 1001))"}"#,
                .invalidValue, "Patient.birthDate"
            ),
            (
                #"{"resourceType":"Flag","id":"1","subject":{"type":"Patient","identifier":{"value":"1"}}}"#,
                .patientUnresolved, "Flag.subject"
            ),
            (
                #"{"resourceType":"Flag","id":"1","subject":{"reference":"Patient/1"},"author":{"reference":"Patient/2"}}"#,
                .twoPatients, "Flag.author.reference"
            ),
            (
                F.bundle([F.patient, #"{"resourceType":"Patient","id":"H2"}"#]), .twoPatients,
                "Bundle.entry[1].resource"
            ),
        ])
    func refusesWithCodeAndPath(_ text: String, _ code: IntakeReject.Code, _ path: String) throws {
        let reject = try F.reject(text)
        #expect(reject.code == code, "\(reject)")
        #expect(reject.path == path, "\(reject)")
        #expect(reject.line != nil && reject.offset != nil && !reject.reason.isEmpty)
    }

    @Test func namesBothPatients() throws {
        let reject = try F.reject(F.bundle([F.patient, #"{"resourceType":"Patient","id":"H2"}"#]))
        #expect(reject.reason.contains("Patient/H100 at Bundle.entry[0].resource"))
        #expect(reject.reason.contains("Patient/H2"))
    }

    @Test func faultsOfJSONKeepTheirPlace() throws {
        let reject = try F.reject("{\"resourceType\":\"Flag\",\n \"id\":\"1\", \"id\":\"2\"}")
        #expect(reject.code == .duplicateMember && reject.line == 2 && reject.path == "Flag.id")
    }

    @Test func limitsHold() throws {
        let limits = IntakeLimits(messageBytes: 200, depth: 5, entries: 2, metaBytes: 40)
        let intake = FHIRIntake(source: "RBD", limits: limits, digest: F.digest)
        let flag = #"{"resourceType":"Flag","id":"1"}"#
        #expect(throws: Never.self) { try F.draft(flag, intake) }
        #expect(try F.reject(flag + String(repeating: " ", count: 200), intake).code == .tooLarge)
        #expect(try F.reject(#"{"a":[[[[[1]]]]]}"#, intake).code == .tooDeep)
        let many = #"{"resourceType":"Bundle","type":"batch","entry":[{},{},{}]}"#
        #expect(try F.reject(many, intake).code == .tooManyEntries)
        let codes =
            #"{"resourceType":"Flag","id":"1","code":{"coding":[{"system":"http://long.example/system/of/codes","code":"123456"}]}}"#
        #expect(try F.reject(codes, intake).code == .tooLarge)
    }

    @Test func everyTruncationIsRefused() throws {
        let text = Array(
            F.bundle([
                F.patient,
                #"{"resourceType":"Flag","id":"é","subject":{"reference":"urn:uuid:u0"}}"#.replacing(
                    "é", with: "e"),
            ]).utf8)
        #expect(throws: Never.self) { try F.hospital.message(text).get() }
        for count in 0..<text.count {
            guard case .failure(let reject) = F.hospital.message(Array(text[..<count])) else {
                Issue.record("\(count) bytes were taken")
                continue
            }
            #expect(reject.code == (count == 0 ? .empty : .truncated))
        }
    }

    /// Each shape is quadratic for a reader that searches where it should look up.
    @Test(.timeLimit(.minutes(10))) func hostileShapesCostNoMoreThanTheirLength() throws {
        let many = 0..<20_000
        func list(_ each: (Int) -> String) -> String { many.map(each).joined(separator: ",") }
        let report = """
            {"resourceType":"DiagnosticReport","id":"1",\
            "contained":[\(list { #"{"resourceType":"Specimen","id":"\#($0)"}"# })],\
            "specimen":[\(list { ##"{"reference":"#\##($0)"}"## })]}
            """
        #expect(try F.draft(report).meta("DiagnosticReport").category == .bloodTests)
        let search = """
            {"resourceType":"Bundle","id":"1","type":"searchset","entry":[\
            \(list { #"{"fullUrl":"http://a/\#($0)","resource":{"resourceType":"Patient","id":"1"}}"# })]}
            """
        #expect(try F.draft(search).meta.subject.localID == "1")
        let identifiers = list { #"{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\#($0)"}"# }
        let patient = #"{"resourceType":"Patient","id":"1","identifier":[\#(identifiers)]}"#
        #expect(try F.reject(patient).code == .tooLarge)
        let bundle = F.bundle(
            many.map { i in
                #"{"resourceType":"Flag","id":"\#(i)","x":{"reference":"Flag?identifier=s|\#(i)"},"identifier":[{"system":"s","value":"\#(i)"}]}"#
            })
        #expect(try F.draft(bundle).items.last?.meta.references == ["Flag/RBD.19999"])
    }
}
