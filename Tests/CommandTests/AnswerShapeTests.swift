import Foundation
import Testing

/// The JSON that programs read: the members that the design names, with their kinds.
@Suite struct AnswerShapeTests {
    @Test func ingestCountsAndPlaces() throws {
        let store = try DemoStore()
        let json = try store.expect(
            0, "ingest", "--source", "ZZH01", "samples/correction", "--now", "2018-02-05T16:45:00Z",
            "--format",
            "json"
        ).json()
        #expect(json["messages"] as? Int == 1)
        #expect(json["accepted"] as? Int == 1)
        #expect(json["duplicate"] as? Int == 0)
        #expect(json["quarantined"] as? Int == 0)
        let positions = try #require(json["positions"] as? [Int])
        #expect(positions.count == 2 && positions[0] <= positions[1])

        let again = try store.expect(
            0, "ingest", "--source", "ZZH01", "samples/correction", "--format", "json"
        ).json()
        #expect(again["duplicate"] as? Int == 1)
        #expect(again["accepted"] as? Int == 0)
    }

    @Test func logStatNamesTheHead() throws {
        let store = try DemoStore(filled: false)
        let json = try store.expect(0, "log", "stat", "--format", "json").json()
        let head = try #require(json["head"] as? [String: Any])
        #expect(json["records"] as? Int == head["position"] as? Int)
        #expect(head["time"] is String)
        #expect((json["root"] as? String)?.count == 64)
        for limit in [
            "usedBytes", "fileBytes", "mapBytes", "freeDiskBytes", "readers", "maxReaders", "staleReaders",
            "unindexed", "commits", "tiles", "messages", "streams", "checkpoints",
        ] { #expect(json[limit] is Int, "\(limit)") }
        let writer = try #require(json["writer"] as? [String: Any])
        for limit in ["process", "waitingUnits", "waitingBytes", "maxWaitingBytes"] {
            #expect(writer[limit] is Int, "\(limit)")
        }
        for times in ["commits", "syncs"] {
            let found = try #require(writer[times] as? [String: Any])
            for figure in ["count", "medianMicroseconds", "p99Microseconds", "longestMicroseconds"] {
                #expect(found[figure] is Int, "\(times) \(figure)")
            }
        }
    }

    @Test func aViewSaysWhoWhatWhenAndWhy() throws {
        let store = try DemoStore()
        let json = try store.expect(
            0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--now", "2018-02-05T14:30:00Z",
            "--format", "json"
        ).json()
        #expect((json["viewer"] as? [String: Any])?["user"] as? String == "dr-rowan")
        #expect((json["at"] as? [String: Any])?["position"] is Int)
        let decision = try #require(json["decision"] as? [String: Any])
        #expect(decision["outcome"] as? String == "permit")
        #expect(decision["basis"] is [Int])
        #expect(json["final"] as? Bool == false)
        #expect(json["sources"] is [[String: Any]])
        let items = try #require(json["items"] as? [[String: Any]])
        #expect(items.count > 8)
        for item in items {
            #expect(item["position"] is Int && item["recorded"] is String && item["source"] is String)
            #expect(item["category"] is String && item["rule"] is String && item["basis"] is [Int])
            #expect((item["resource"] as? [String: Any])?["resourceType"] is String)
        }
        let withheld = try #require(json["withheld"] as? [[String: Any]])
        let carePlan = try #require(withheld.first { $0["category"] as? String == "care-preferences" })
        #expect(carePlan["rule"] as? String == "agreement")
        #expect(carePlan["count"] as? Int == 1)
        let receipt = try #require(json["receipt"] as? [String: Any])
        #expect(receipt["position"] is Int)
        #expect((receipt["body"] as? String)?.count == 64 && (receipt["items"] as? String)?.count == 64)
    }

    @Test func aViewBeforeACorrectionStaysAsItWas() throws {
        let store = try DemoStore()
        try store.expect(
            0, "ingest", "--source", "ZZH01", "samples/correction", "--now", "2018-02-05T16:45:00Z")
        func potassium(_ at: String...) throws -> (value: String, final: Bool?) {
            let done = try Command.run(
                ["view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--format", "json"] + at,
                store: store.path)
            #expect(done.status == 0, "\(done.err)")
            let match = done.out.firstMatch(of: /"ZZH01.o-k".*?"valueQuantity":\{"value":([0-9.]+)/)
            return (String(match?.1 ?? "none"), try done.json()["final"] as? Bool)
        }
        let before = try potassium("--at", "2018-02-05T15:00:00Z")
        #expect(before.value == "6.80" && before.final == true)
        let now = try potassium()
        #expect(now.value == "4.20" && now.final == false)
        // A position is a handle too.
        #expect(try potassium("--at", "2018-02-05").value == "4.20")
    }

    @Test func aRefusalIsTheSameJSONWithoutItems() throws {
        let store = try DemoStore()
        for who in [DemoStore.patient, "9990177120"] {
            let json = try store.expect(
                3, "view", "--as", "dr-sedge", "--patient", who, "--format", "json"
            ).json()
            #expect((json["decision"] as? [String: Any])?["outcome"] as? String == "withhold")
            #expect((json["items"] as? [Any])?.isEmpty == true)
            #expect(json["receipt"] is [String: Any])
        }
    }

    @Test func quarantineKeepsWhatCannotBeTaken() throws {
        let store = try DemoStore()
        let taken = try store.expect(
            1, "ingest", "--source", "ZZH01", "samples/rejects", "--format", "json"
        ).json()
        #expect(taken["quarantined"] as? Int == 1)
        let items = try #require(
            try store.expect(0, "quarantine", "list", "--format", "json").json()["items"] as? [[String: Any]])
        let entry = try #require(items.first)
        for name in ["id", "source", "file", "where", "reason"] { #expect(entry[name] is String, "\(name)") }
        #expect((entry["file"] as? String)?.hasSuffix("two-patients.json") == true)
    }

    @Test func everyAccessIsListed() throws {
        let store = try DemoStore()
        try store.expect(0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient)
        try store.expect(3, "view", "--as", "dr-sedge", "--patient", DemoStore.patient)
        let done = try store.expect(0, "access", "list", "--format", "json")
        #expect(done.out.contains("dr-rowan") && done.out.contains("dr-sedge"))
    }
}
