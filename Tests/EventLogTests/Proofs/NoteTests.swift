import Ciphers
import Testing
import Wire

@testable import EventLog

@Suite struct NoteTests {
    /// The examples of C2SP's signed-note and tlog-cosignature pages.
    static let quasimodo = """
        Ognuno sta solo sul cuor della terra
        trafitto da un raggio di sole:

        ed è subito sera.

        — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=

        """
    static let cosigned = """
        example.com/behind-the-sofa
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
        — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

        """

    @Test func theStandardsExamplesAreReadAndWrittenBack() throws {
        for text in [Self.quasimodo, Self.cosigned] {
            #expect(try SignedNote(parsing: Array(text.utf8)).bytes == Array(text.utf8))
        }
        let note = try SignedNote(parsing: Array(Self.cosigned.utf8))
        let checkpoint = try TreeCheckpoint(parsing: note.text)
        #expect(checkpoint.origin == "example.com/behind-the-sofa" && checkpoint.size == 20_852_163)
        #expect(checkpoint.text == note.text)
        #expect(note.signatures[0].keyID == 0x033D_E0AE)
        #expect(note.signatures[1].time == 1_679_315_147)
        // An empty line in the text is the text's: the last one ends it.
        #expect(try SignedNote(parsing: Array(Self.quasimodo.utf8)).signatures.count == 1)
    }

    @Test(arguments: [
        "", "\n", "a\n", "a\n\n", "a\nb\n", "a\n\n— n AAAA", "a\n\n- n AAAAAAA=\n", "a\n\n— n AAAA\n",
        "a\n\n—  AAAAAAA=\n",
        "a\n\n— n  AAAAAAA=\n", "a\n\n— n+m AAAAAAA=\n", "a\u{1}\n\n— n AAAAAAA=\n", "a\n\n— n AAAAAAA\n",
        "a\n\nx\n",
    ])
    func whatIsNoNoteIsRefused(text: String) {
        #expect(throws: EvidenceError.self) { try SignedNote(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        "", "o\n", "o\n1\n", "o\n01\nAAAA\n", "o\n-1\nAAAA\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
        "o\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n",
    ])
    func whatIsNoCheckpointIsRefused(text: String) {
        #expect(throws: EvidenceError.self) { try TreeCheckpoint(parsing: Array(text.utf8)) }
    }

    static func key(_ name: String, _ kind: NoteKey.Kind, seed: UInt8) throws -> (NoteKey, SecretKey) {
        let secret = try #require(SecretKey([UInt8](repeating: seed, count: 32)))
        let publicKey = try Ed25519.publicKey(of: secret)
        let key = try #require(NoteKey(name: name, kind: kind, publicKey: publicKey))
        return (key, secret)
    }

    @Test func keysComeBackFromTheirText() throws {
        let (key, _) = try Self.key("log.example/a", .log, seed: 1)
        #expect(try NoteKey(key.description) == key)
        let text = key.description
        for index in text.indices {
            var wrong = text
            wrong.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(throws: EvidenceError.self, "\(wrong)") { try NoteKey(wrong) }
        }
        #expect(NoteKey(name: "a b", kind: .log, publicKey: key.publicKey) == nil)
        #expect(NoteKey(name: "", kind: .log, publicKey: key.publicKey) == nil)
        #expect(NoteKey(name: "a", kind: .log, publicKey: []) == nil)
    }

    @Test func signaturesAndCosignaturesHoldAndNothingElseDoes() throws {
        let (log, secret) = try Self.key("log.example/a", .log, seed: 1)
        let (witness, witnessSecret) = try Self.key("witness.example/w", .witness, seed: 2)
        let checkpoint = TreeCheckpoint(origin: log.name, size: 9, root: MerkleTree.emptyRoot)
        var note = SignedNote(text: checkpoint.text, signatures: [])
        try note.sign(log, seed: secret)
        let time: UInt64 = 1_700_000_000
        let signature = try Ed25519.sign(SignedNote.cosigned(note.text, at: time), seed: witnessSecret)
        var stamp = ByteWriter()
        stamp.u64(time)
        note.signatures.append(
            SignedNote.Signature(name: witness.name, keyID: witness.id, bytes: stamp.bytes + signature))
        #expect(note.isSigned(by: log) && note.isSigned(by: witness))
        #expect(try note.checkpoint(by: log) == checkpoint)
        let (other, _) = try Self.key("log.example/a", .log, seed: 3)
        #expect(!note.isSigned(by: other))
        #expect(throws: EvidenceError.self) { try note.checkpoint(by: other) }
        for index in note.text.indices {
            var text = note.text
            text[index] ^= 1
            let wrong = SignedNote(text: text, signatures: note.signatures)
            #expect(!wrong.isSigned(by: log) && !wrong.isSigned(by: witness))
        }
        for (number, line) in note.signatures.enumerated() {
            for index in line.bytes.indices {
                var wrong = note
                wrong.signatures[number].bytes[index] ^= 1
                #expect(!wrong.isSigned(by: number == 0 ? log : witness))
            }
        }
    }
}
