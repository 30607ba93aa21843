import Testing

@Suite struct GeneratorTests {
    @Test func aSeedAlwaysMakesTheSameHistory() {
        for seed in UInt64(1)...20 {
            let (once, again) = (History(seed: seed), History(seed: seed))
            #expect("\(once.steps)" == "\(again.steps)")
        }
    }

    @Test func whatAMessageSaysIsWhatItsBytesSay() throws {
        for seed in UInt64(1)...40 {
            for case .ingest(_, let files) in History(seed: seed).steps {
                // What an HL7 v2 message says is read by intake: IntakeAgreementTests.
                for message in files.joined() where !message.isHL7 {
                    let tree = try JSONTree(parsing: message.bytes)
                    let resources = tree["entry"].map { $0.elements.compactMap { $0["resource"] } } ?? [tree]
                    #expect(resources == message.items.compactMap(\.resource))
                }
            }
        }
    }
}
