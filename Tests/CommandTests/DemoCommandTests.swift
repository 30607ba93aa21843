import Foundation
import Testing

/// `daybook demo`, as somebody trying Daybook runs it.
@Suite struct DemoCommandTests {
    private struct Told {
        var run: Command
        var store: String
        var misuse: [String: Any]
    }

    private static func demo(_ scratch: Scratch, _ name: String) throws -> Told {
        let store = scratch.path(name)
        let run = try Command.run(["demo", "--store", store, "--patients", "12"])
        #expect(run.status == 0, "\(run.err)\(run.out.suffix(2000))")
        let plan = try Data(contentsOf: URL(filePath: store + ".misuse.json"))
        let misuse = try #require(try JSONSerialization.jsonObject(with: plan) as? [String: Any])
        return Told(run: run, store: store, misuse: misuse)
    }

    /// What differs between two stores of one seed: their folders, and whatever hangs on keys and salts.
    private static func comparable(_ told: Told) -> String {
        told.run.out.replacing(told.store, with: "STORE").replacing(/\b[0-9a-f]{12,}…?/, with: "…")
    }

    @Test func itTellsItsStoryTwiceAlikeAndLeavesTheStore() throws {
        let scratch = try Scratch()
        let first = try Self.demo(scratch, "one")
        let second = try Self.demo(scratch, "two")
        #expect(Self.comparable(first) == Self.comparable(second))
        #expect(NSDictionary(dictionary: first.misuse) == NSDictionary(dictionary: second.misuse))
        let digests = [first, second].map { told in
            told.run.out.split(separator: "\n").first { $0.hasPrefix("The same number and seed") }
        }
        #expect(digests[0] != nil && digests[0] == digests[1])

        // Every command of the story can be typed as it stands, and says the same but for the receipt it leaves.
        let verify = try Command.run(["log", "verify"], store: first.store)
        #expect(verify.status == 0 && verify.out.hasPrefix("Sound: "), "\(verify.out)\(verify.err)")
        let again = try Command.run(["demo", "--store", first.store, "--patients", "12"])
        #expect(again.status == 2 && again.err.contains("is not empty"), "\(again.err)")
    }

    @Test func thePlanOfTheMisuseNamesReceiptsThatAreThere() throws {
        let scratch = try Scratch()
        let told = try Self.demo(scratch, "store")
        let planted = try #require(told.misuse["misuse"] as? [[String: Any]])
        #expect(planted.count > 10)
        let listed = try Command.run(["access", "list", "--format", "json"], store: told.store).json()
        let items = try #require(listed["items"] as? [[String: Any]])
        let byPosition = Dictionary(grouping: items) { $0["position"] as? Int ?? 0 }
        for one in planted {
            let access = try #require(byPosition[one["receipt"] as? Int ?? -1]?.first, "\(one)")
            #expect(access["user"] as? String == one["user"] as? String)
            #expect(access["outcome"] as? String == one["outcome"] as? String)
            #expect(access["kind"] as? String == "actual")
        }
        // Nothing in the store tells them from the rest.
        #expect(!listed.description.contains("misuse"))
    }

    @Test func aNumberOfPatientsThatCannotBeIsUsage() throws {
        for patients in ["0", "-3", "4000001", "many"] {
            let run = try Command.run(["demo", "--patients=\(patients)", "--store", "/nowhere"])
            #expect(run.status == 2, "\(patients): \(run.out)\(run.err)")
        }
    }
}
