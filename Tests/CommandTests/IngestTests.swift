import Foundation
import Testing

/// Which files are taken, and in what order.
@Suite struct IngestTests {
    private static func basic(_ id: String) -> String {
        #"{"resourceType":"Basic","id":"\#(id)","code":{"text":"fine"}}"#
    }

    @Test func aFolderGivesItsMessageFilesInOrder() throws {
        let store = try DemoStore()
        let scratch = store.scratch
        _ = try scratch.write("in/b/2.json", Self.basic("two"))
        _ = try scratch.write("in/a.ndjson", Self.basic("one") + "\n" + Self.basic("three") + "\n")
        _ = try scratch.write("in/.hidden.json", "not taken")
        _ = try scratch.write("in/notes.txt", "not taken either")
        // A link back to the folder itself would go round for ever.
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("in/ring"), withDestinationPath: scratch.path("in"))
        let done = try store.expect(0, "ingest", "--source", "ZZH01", scratch.path("in"), "--format", "json")
        let json = try done.json()
        #expect(json["messages"] as? Int == 3)
        #expect(json["accepted"] as? Int == 3)
        #expect(done.err.contains("notes.txt"))
        #expect(!done.err.contains("hidden"))
    }

    @Test func standardInputIsAFile() throws {
        let store = try DemoStore()
        let done = try store.expect(
            0, "ingest", "--source", "ZZH01", "-", "--format", "json", input: Self.basic("one"))
        #expect(try done.json()["accepted"] as? Int == 1)
    }

    @Test func aFileIsTakenWhateverItsName() throws {
        let store = try DemoStore()
        let file = try store.scratch.write("export.fhir", Self.basic("one"))
        let text = try store.expect(0, "ingest", "--source", "ZZH01", file).out
        #expect(text.hasPrefix("1 message from ZZH01: 1 accepted, 0 already held, 0 quarantined, at #"))
    }

    @Test func aRetryOfWhatIsStillWrongSaysWhy() throws {
        let store = try DemoStore()
        try store.expect(1, "ingest", "--source", "ZZH01", "samples/rejects")
        let list = try store.expect(0, "quarantine", "list", "--format", "json").json()
        let id = try #require((list["items"] as? [[String: Any]])?.first?["id"] as? String)
        let shown = try store.expect(0, "quarantine", "show", id)
        #expect(shown.out.contains("Patient/H7732"))
        let again = try store.expect(2, "quarantine", "retry", id)
        #expect(again.err.contains("still"))
    }
}
