import Foundation
import Testing

/// What a person may get wrong: a clear word on standard error, the status that the design gives it, the store unharmed.
@Suite struct BadInputTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var arguments: [String]
        var status: Int32 = 2
        /// Words that the complaint has to say: what happened, where, or what to do.
        var says: [String]
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ line: String, _ status: Int32 = 2, says: String...) {
            arguments = line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
            self.status = status
            self.says = says
        }
    }

    static let commandLines: [Case] = [
        Case("frobnicate", says: "frobnicate"),
        Case("view --patient 9990177015", says: "--as"),
        Case("view --as dr-rowan", says: "--patient"),
        Case("view --as dr-rowan --patient 1234567890", says: "1234567890"),
        Case("view --as dr-rowan --patient ''", says: "patient"),
        Case("view --as dr-rowan --patient 9990177015 --at yesterday", says: "yesterday"),
        Case("view --as dr-rowan --patient 9990177015 --at 2018-02-30", says: "2018-02-30"),
        Case("view --as dr-rowan --patient 9990177015 --at #0", says: "#0"),
        Case("view --as dr-rowan --patient 9990177015 --at #999999", says: "999999"),
        Case("view --as dr-rowan --patient 9990177015 --now 2017-01-01T00:00:00Z", says: "--now"),
        Case("view --as dr-rowan --patient 9990177015 --now noon", says: "noon"),
        Case("view --as dr-rowan --patient 9990177015 --format xml", says: "xml"),
        Case("ingest samples/hospital", says: "--source"),
        Case("ingest --source ZZH01", says: "path"),
        Case("ingest --source NOWHERE samples/hospital", says: "NOWHERE"),
        Case("ingest --source ZZH01 samples/no-such-file.json", says: "no-such-file.json"),
        Case("ingest --source ZZH01 - -", says: "twice"),
        Case("ingest --source ZZH01 docs", says: "docs", ".ndjson"),
        Case("region apply samples/no-such-file.yaml", says: "no-such-file.yaml"),
        Case("policy record samples/no-such-file.yaml", says: "no-such-file.yaml"),
        Case("quarantine show q1", says: "q1"),
        Case("quarantine retry nonsense", says: "nonsense"),
        Case("access show #1", says: "#1"),
        Case("log show #999999", says: "999999"),
        Case("log show nonsense", says: "nonsense"),
        Case("projections rebuild nonsense", says: "nonsense"),
        Case("init", says: "store"),
        Case("serve --http nonsense", says: "HOST:PORT"),
        Case("log stat --store samples", 4, says: "samples"),
    ]

    /// What policy refuses, whoever asks: status 3, and never a word of the record.
    @Test func whoMayNotAskIsRefused() throws {
        let store = try DemoStore()
        for line in [
            "view --as nobody --patient 9990177015",
            "view --as clerk-fern --patient 9990177015 --role ZZH01/R8000",
            "view --as dr-rowan --patient 9990177015 --at 2018-02-05 --operator stranger",
            "view --as dr-rowan --patient 9990177015 --at 2018-02-05 --operator clerk-fern",
            "record --patient 9990177015 --operator guardian-1",
            "access list --operator dr-rowan",
            "region apply samples/region.yaml --approved-by guardian-1 --operator guardian-1",
        ] {
            let done = try Command.run(line.split(separator: " ").map(String.init), store: store.path)
            #expect(done.status == 3, "daybook \(line)\n\(done.out)\(done.err)")
            #expect(!done.out.contains("HALLETT") && !done.out.contains("Potassium"))
        }
    }

    /// One store for all of them: none may leave a mark on it.
    @Test func aWrongCommandLineIsExplained() throws {
        let store = try DemoStore()
        let before = try store.expect(0, "log", "stat", "--format", "json").json()["root"] as? String
        for wrong in Self.commandLines {
            let done = try Command.run(wrong.arguments, store: store.path)
            #expect(done.status == wrong.status, "daybook \(wrong.testDescription)\n\(done.out)\(done.err)")
            for word in wrong.says {
                let said = done.err.localizedCaseInsensitiveContains(word)
                #expect(said, "daybook \(wrong.testDescription)\nshould say \(word), says: \(done.err)")
            }
            #expect(!done.err.contains("Fatal error"))
        }
        try store.expect(0, "log", "verify")
        let after = try store.expect(0, "log", "stat", "--format", "json").json()["root"] as? String
        #expect(before == after, "a usage error left a record")
    }

    @Test func aStoreThatIsNotThereIsTrouble() throws {
        let scratch = try Scratch()
        for line in ["log stat", "log verify", "quarantine list", "view --as a --patient 9990177015"] {
            let done = try Command.run(
                line.split(separator: " ").map(String.init), store: scratch.path("none"))
            #expect(done.status == 4, "\(line): \(done.out)\(done.err)")
            #expect(done.err.contains("daybook init"), "\(line): \(done.err)")
        }
    }

    static let regionFiles: [(name: String, change: @Sendable (String) -> String, says: [String])] = [
        ("an unknown key", { $0.replacing("feeds:", with: "feedz:") }, ["feedz", ":22"]),
        ("a wrong type", { $0.replacing("licences: 20", with: "licences: many") }, ["licences", ":18"]),
        (
            "an unknown organisation", { $0.replacing("recipients: [ZZH01]", with: "recipients: [ZZX99]") },
            ["ZZX99"]
        ),
        (
            "an unknown category", { $0.replacing("gp-practice, allergies", with: "gp-practise") },
            ["gp-practise"]
        ),
        ("a pool exceeded", { $0.replacing("licences: 20", with: "licences: 1") }, ["licence"]),
        ("broken YAML", { $0.replacing("roles:", with: "roles: [") }, ["region.yaml:"]),
        ("nothing at all", { _ in "" }, ["region.yaml"]),
        ("a list", { _ in "- a\n- b\n" }, ["region.yaml:1"]),
        ("not text", { _ in "\u{0}\u{1}" }, ["region.yaml"]),
    ]

    @Test func aWrongRegionFileIsUsageAndAppliesNothing() throws {
        let store = try DemoStore(filled: false)
        let good = try String(
            contentsOf: Command.root.appending(path: "samples/region.yaml"), encoding: .utf8)
        for (name, change, says) in Self.regionFiles {
            let text = change(good)
            #expect(text != good, "\(name) changes nothing")
            let file = try store.scratch.write("region.yaml", text)
            let done = try store.expect(2, "region", "apply", file, "--now", "2018-01-08T09:00:00Z")
            for word in says { #expect(done.err.contains(word), "\(name): \(done.err)") }
        }
        let json = try store.expect(0, "log", "stat", "--format", "json").json()
        #expect(json["records"] as? Int == 1)
    }

    @Test func aWrongPolicyFileIsAllOrNothing() throws {
        let store = try DemoStore()
        let before = try store.expect(0, "log", "stat", "--format", "json").json()["records"] as? Int
        let good = "- deceased: {patient: \"9990177015\", date: 2019-01-01}\n"
        for (text, word) in [
            (good + "- dissentZet: {patient: \"9990177015\"}\n", "dissentZet"),
            (good + "- dissentSet: {patient: \"1234567890\"}\n", "1234567890"),
            (good + "- dissentSet: {patient: \"9990177015\", colour: red}\n", "colour"),
            (good + "- deceased: {patient: \"9990177015\", date: 2019-02-30}\n", "2019-02-30"),
            (good + "- \"", ":2"),
        ] {
            let file = try store.scratch.write("facts.yaml", text)
            let done = try store.expect(2, "policy", "record", file)
            #expect(done.err.contains(word) && done.err.contains("facts.yaml:"), "\(text)\n\(done.err)")
        }
        #expect(try store.expect(0, "log", "stat", "--format", "json").json()["records"] as? Int == before)
    }

    static let messages: [(name: String, text: String)] = [
        ("empty", ""),
        ("truncated", #"{"resourceType":"Patient","id":"x""#),
        ("not JSON", "PID|1||9990177015"),
        ("UTF-16", "\u{FEFF}{\u{0}}\u{0}"),
        ("deep", String(repeating: "[", count: 5000)),
        ("duplicate keys", #"{"resourceType":"Patient","id":"x","id":"y"}"#),
        ("wrong types", #"{"resourceType":["Patient"],"id":7}"#),
        ("no type", #"{"id":"x"}"#),
        (
            "no id",
            #"{"resourceType":"Observation","subject":{"reference":"Patient/H7731"},"code":{"text":"x"}}"#
        ),
    ]

    /// Each is quarantined whole, with its reason, and what is good in the same run is taken.
    @Test func whatCannotBeTakenIsQuarantined() throws {
        let store = try DemoStore()
        for (name, text) in Self.messages {
            let file = try store.scratch.write("bad/message.json", text)
            let done = try store.expect(1, "ingest", "--source", "ZZH01", file, "--format", "json")
            #expect(try done.json()["quarantined"] as? Int == 1, "\(name)")
            #expect(try done.json()["accepted"] as? Int == 0, "\(name)")
        }
        let list = try store.expect(0, "quarantine", "list", "--format", "json").json()
        let items = try #require(list["items"] as? [[String: Any]])
        #expect(items.count == Self.messages.count)
        for item in items { #expect((item["reason"] as? String)?.isEmpty == false) }

        let good = #"{"resourceType":"Basic","id":"b1","code":{"text":"fine"}}"#
        let lines = "\(good)\n{\"resourceType\":\n\(good.replacing("b1", with: "b2"))\n"
        let mixed = try store.expect(
            1, "ingest", "--source", "ZZH01", "--format", "json", "-", input: lines
        ).json()
        #expect(mixed["messages"] as? Int == 3)
        #expect(mixed["accepted"] as? Int == 2)
        #expect(mixed["quarantined"] as? Int == 1)
        try store.expect(0, "log", "verify")
    }
}
