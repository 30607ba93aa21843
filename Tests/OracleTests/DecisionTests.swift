import Testing

/// The decision function against the oracle, rule by rule and with every basis. `DAYBOOK_SEED` plays one seed.
@Suite struct DecisionTests {
    @Test(arguments: 0..<8) func decidesAsTheOracle(part: UInt64) throws {
        var counts: [String: Int] = [:]
        let alone = OracleTests.environment["DAYBOOK_SEED"].flatMap(UInt64.init)
        for seed in (part * 40 + 1)...(part * 40 + 40) where alone.map({ $0 == seed }) ?? true {
            let run = try DecisionRun(History(seed: seed))
            counts.merge(run.counts) { $0 + $1 }
            #expect(
                run.disagreements.isEmpty,
                "seed \(seed)\n\(run.disagreements.prefix(3).joined(separator: "\n"))")
        }
        guard !counts.isEmpty else { return }
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    }
}
