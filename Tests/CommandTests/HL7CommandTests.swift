import Foundation
import Testing

/// HL7 v2 and the review queue on the command line.
@Suite struct HL7CommandTests {
    private static func message(_ id: String, _ patient: String, _ name: String) -> String {
        "MSH|^~\\&|PAS|ZZH01|||20180201090000||ADT^A28|\(id)|P|2.4\r"
            + "PID|||\(patient)^^^ZZH01^MR~9990000018^^^NHS^NH||\(name)||19700101|2||||||||||||||||||||||||NSTS01\r"
    }

    @Test func messagesComeFromFoldersAndStandardInputTheKindToldByTheirBeginning() throws {
        let store = try DemoStore()
        _ = try store.scratch.write("in/a.hl7", Self.message("1", "P1", "SMITH^ANN"))
        _ = try store.scratch.write("in/b.json", #"{"resourceType":"Basic","id":"b","code":{"text":"fine"}}"#)
        let folder = try store.expect(
            0, "ingest", "--source", "ZZH01", store.scratch.path("in"), "--format", "json")
        #expect(try folder.json()["accepted"] as? Int == 2)
        let again = try store.expect(
            0, "ingest", "--source", "ZZH01", "--type", "hl7v2", "-", "--format", "json",
            input: Self.message("1", "P1", "SMITH^ANN"))
        #expect(try again.json()["duplicate"] as? Int == 1)
        let wrong = try store.expect(
            1, "ingest", "--source", "ZZH01", "-", input: "MSH|^~\\&|A|B|||2018||SIU^S12|7|P|2.4\rPID|||1\r")
        #expect(wrong.out.contains("MSH-9: SIU^S12 is not taken"))
        let list = try store.expect(0, "quarantine", "list", "--format", "json").json()
        let entry = try #require((list["items"] as? [[String: Any]])?.first)
        #expect(entry["where"] as? String == "MSH-9" && entry["code"] as? String == "unsupported-message")
    }

    @Test func aReviewIsListedAndDecided() throws {
        let store = try DemoStore()
        for (id, patient, name) in [
            ("1", "P1", "SMITH^ANN"), ("2", "P2", "JONES^BETH"), ("3", "P3", "GREY^CAROL"),
        ] {
            try store.expect(0, "ingest", "--source", "ZZH01", "-", input: Self.message(id, patient, name))
        }
        func items() throws -> [[String: Any]] {
            let list = try store.expect(0, "identity", "review", "list", "--format", "json").json()
            return try #require(list["items"] as? [[String: Any]])
        }
        let first = try items()
        #expect(first.count == 3)
        #expect(
            first.allSatisfy {
                $0["reason"] as? String == "same-number" && $0["birthDates"] as? String == "same"
            })
        let ids = try first.map { try #require($0["id"] as? String) }
        try store.expect(0, "identity", "review", "keep-apart", ids[0], "--reason", "two people")
        #expect(try items().count == 2)
        try store.expect(0, "identity", "review", "link", ids[1])
        try store.expect(2, "identity", "review", "link", ids[1])
        let text = try store.expect(0, "access", "list").out
        #expect(text.contains("identity-review"))
    }
}
