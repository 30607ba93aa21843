import Ciphers
import Foundation
import Testing
import Wire

/// Cosignatures of witnesses, taken by the command as they would come: text made here by C2SP's pages, and by nothing of the
/// log's own but Ed25519 itself.
@Suite struct WitnessTests {
    private struct Witness {
        let name: String
        let seed: SecretKey
        private let id: [UInt8]
        let key: String

        init(_ name: String, seed byte: UInt8) throws {
            self.name = name
            seed = try #require(SecretKey([UInt8](repeating: byte, count: 32)))
            let encoded = [4] + (try Ed25519.publicKey(of: seed))
            id = Array(SHA256.hash(Array(name.utf8) + [0x0A] + encoded).bytes.prefix(4))
            key = "\(name)+\(Hex.encode(id))+\(Base64.encode(encoded))"
        }

        /// A cosignature line, v1.
        func line(of text: String, at time: UInt64 = 1_700_000_000) throws -> String {
            let signature = try Ed25519.sign(
                Array("cosignature/v1\ntime \(time)\n\(text)".utf8), seed: seed)
            let stamp = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
            return "— \(name) \(Base64.encode(id + stamp + signature))\n"
        }
    }

    @Test func aWitnesssCosignatureIsTakenWhereItHolds() throws {
        let store = try DemoStore()
        let scratch = store.scratch
        let key = try store.expect(0, "log", "key").out
        let update = try store.expect(0, "log", "checkpoint", "--since", "0").out
        let note = try #require(update.split(separator: "\n\n", maxSplits: 1).last.map(String.init))
        let text = String(note[..<(try #require(note.range(of: "\n\n")).lowerBound)]) + "\n"
        let (one, two) = (
            try Witness("witness.example/one", seed: 1), try Witness("witness.example/two", seed: 2)
        )
        func cosign(_ status: Int32, _ answer: String, _ witness: String) throws -> Command {
            let file = try scratch.write("answer", answer)
            return try store.expect(status, "log", "checkpoint", "--cosign", file, "--witness", witness)
        }
        // Wrong ones: of another text, of a witness that was not named, of one who only bears the name, with a byte changed, and none.
        let right = try one.line(of: text)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let another = "\(lines[0])\n\(lines[1])\n\(lines[2].reversed())\n"
        #expect(try cosign(1, try one.line(of: another), one.key).err.contains("does not hold"))
        #expect(try cosign(1, right, two.key).err.contains("witness that was named"))
        let impostor = try Witness("witness.example/one", seed: 3)
        _ = try cosign(1, try impostor.line(of: text), one.key)
        let middle = right.index(right.startIndex, offsetBy: 60)
        var changed = right
        changed.replaceSubrange(middle...middle, with: right[middle] == "A" ? "B" : "A")
        #expect(try cosign(1, changed, one.key).err.contains("does not hold"))
        _ = try cosign(2, "", one.key)
        _ = try cosign(2, "not a line", one.key)
        _ = try cosign(2, right, "not a key")
        try store.expect(2, "log", "checkpoint", "--cosign", scratch.path("answer"))
        // Nothing wrong was kept.
        let kept = try store.expect(0, "log", "checkpoint", "--format", "json").json()
        #expect((kept["signatures"] as? [String])?.count == 1)

        // Right ones: the key given as text and as a file, an answer with a stranger's line beside, and the same again.
        _ = try cosign(0, right, one.key)
        let both = try cosign(
            0, try two.line(of: text) + impostor.line(of: text), try scratch.write("two.key", two.key + "\n"))
        #expect(both.out.contains("— witness.example/one ") && both.out.contains("— witness.example/two "))
        _ = try cosign(0, right, one.key)
        #expect(
            try store.expect(0, "log", "checkpoint", "--format", "json").json()["signatures"] as? [String]
                == [String(lines[0]), "witness.example/two", "witness.example/one"])
        #expect(try store.expect(0, "log", "verify").out.hasPrefix("Sound: "))

        // Evidence made afterwards carries them, and the second implementation asks for them.
        let proof = scratch.path("p")
        try store.expect(0, "log", "proof", "#7", "--output", proof)
        let log = try scratch.write("log.key", key)
        for witness in [one, two] {
            let checked = try EvidenceTests.python(["proof", proof, "--key", log, "--witness", witness.key])
            #expect(checked.status == 0 && checked.out.contains("HOLDS"), "\(checked.out)")
        }
        #expect(
            try EvidenceTests.python(["proof", proof, "--key", log, "--witness", impostor.key]).status == 1)
    }
}
