import Foundation
import Testing
import Wire

@testable import Listeners

extension AttackTests {
    /// How a document's bytes hang on it.
    enum Hold: CaseIterable {
        /// An attachment's address, by the source's own id, by Daybook's, and with a whole address before it.
        case attachment, daybookID, address, escaped
        /// A reference of another resource of the same kind of document.
        case reference
        /// The Binary itself names what decides who may have it.
        case securityContext
    }

    /// What its source took back before it was sealed.
    enum Gone: CaseIterable { case nothing, bytes, document }

    /// A letter is sealed, and its bytes, which stand apart, go with it: by no way of asking are they had, nor that they were there, nor
    /// that they were taken back.
    @Test(arguments: Hold.allCases, Gone.allCases) func bytesOfASealedDocument(hold: Hold, gone: Gone)
        async throws
    {
        var positions: Set<UInt64> = []
        let (held, never) = try AttackWorld.pair { world in
            try world.takePatients()
            let (subject, prefix) = world.isHeld ? ("GP1", "gs") : ("GQ1", "gx")
            try world.take(
                AttackMessages.bundle("b-1", "2018-02-07T10:01:00Z", Self.letter(hold, subject, prefix)))
            positions.insert(try world.head())
            if gone != .nothing {
                let what =
                    gone == .bytes ? ("Binary", "\(prefix)-bin") : ("DocumentReference", "\(prefix)-doc")
                try world.take(
                    AttackMessages.bundle(
                        "b-2", "2018-02-07T10:02:00Z", [AttackMessages.delete(what.0, what.1)]))
                positions.insert(try world.head())
            }
        }
        let bytes = AttackProbe("Binary/ZZG01.gs-bin")
        if gone != .bytes {
            for world in [held, never] {
                let open = try await world.answers(to: [bytes], as: AttackRegion.nurse)
                #expect(open[0].text.contains(AttackSecret.encoded) == world.isHeld)
            }
        }
        for world in [held, never] {
            try world.policy(
                """
                - sealApplied: {id: seal-b, patient: "\(world.isHeld ? AttackRegion.patient : AttackRegion.other)", org: ZZG01, item: "DocumentReference/\(world.isHeld ? "gs" : "gx")-doc", locked: true, by: ZZG01, reason: asked}
                """)
        }
        let probes = AttackProbes(
            types: ["DocumentReference"], patient: "patient.identifier=\(AttackRegion.patient)",
            patients: ["ZZG01.GP1"], references: ["Binary/ZZG01.gs-bin", "DocumentReference/ZZG01.gs-doc"],
            positions: Set(positions.flatMap { [$0 - 1, $0] }).sorted())
        try await AttackWorld.compare(held, never, probes.all, as: AttackRegion.nurse)
    }

    private static func letter(_ hold: Hold, _ subject: String, _ prefix: String) -> [String] {
        func attachment(_ url: String) -> String {
            #","content":[{"attachment":{"contentType":"text/plain","url":"\#(url)"}}]"#
        }
        let (more, context): (String, String) =
            switch hold {
            case .attachment: (attachment("Binary/\(prefix)-bin"), "")
            case .daybookID: (attachment("Binary/ZZG01.\(prefix)-bin/_history/3"), "")
            case .address: (attachment("https://fhir.example.org/fhir/Binary/\(prefix)-bin"), "")
            case .escaped: (attachment(#"B\u0069nary\/\#(prefix)-bin"#), "")
            case .reference: (#","context":{"related":[{"reference":"Binary/\#(prefix)-bin"}]}"#, "")
            case .securityContext:
                ("", #","securityContext":{"reference":"DocumentReference/\#(prefix)-doc"}"#)
            }
        let data = Base64.encode(Array(AttackSecret.words.utf8))
        return [
            AttackMessages.put(
                "DocumentReference", "\(prefix)-doc",
                #""status":"current","type":{"text":"\#(AttackSecret.words)"},"subject":{"reference":"Patient/\#(subject)"},"date":"2018-01-15T10:00:00Z"\#(more)"#
            ),
            AttackMessages.put(
                "Binary", "\(prefix)-bin", #""contentType":"text/plain","data":"\#(data)"\#(context)"#),
        ]
    }

    /// Bytes that a letter which may be seen has too are that letter's: they stay.
    @Test func bytesOfAnotherDocumentToo() async throws {
        let world = try AttackWorld(isHeld: true)
        let second = Self.letter(.attachment, "GP1", "gs")[0].replacing("gs-doc", with: "gs-doc2")
        try world.take(
            AttackMessages.bundle(
                "b-1", "2018-02-07T10:01:00Z",
                [AttackMessages.patient("GP1", number: AttackRegion.patient)]
                    + Self.letter(.attachment, "GP1", "gs") + [second]))
        let probes = [
            "Binary/ZZG01.gs-bin", "DocumentReference/ZZG01.gs-doc", "DocumentReference/ZZG01.gs-doc2",
        ]
        .map { AttackProbe($0) }
        for (seal, statuses) in [("gs-doc", [200, 404, 200]), ("gs-doc2", [404, 404, 404])] {
            try world.policy(
                """
                - sealApplied: {id: seal-\(seal), patient: "\(AttackRegion.patient)", org: ZZG01, item: "DocumentReference/\(seal)", locked: true, by: ZZG01, reason: asked}
                """)
            let answers = try await world.answers(to: probes, as: AttackRegion.nurse)
            #expect(answers.map(\.status) == statuses)
        }
    }
}
