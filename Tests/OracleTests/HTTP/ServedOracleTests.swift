import Foundation
import Testing

/// The oracle over HTTP: while sources and policy write, several users ask at once, and each answer shows what the oracle says of its
/// position. A longer round, for whoever asks: `DAYBOOK_HTTP_HISTORIES` says how many histories, `DAYBOOK_SEED` plays one of them.
@Suite(.serialized, .enabled(if: OracleTests.environment["DAYBOOK_HTTP_HISTORIES"] != nil))
struct ServedOracleTests {
    static var seeds: [UInt64] {
        if let seed = OracleTests.environment["DAYBOOK_SEED"].flatMap(UInt64.init) { return [seed] }
        let count = OracleTests.environment["DAYBOOK_HTTP_HISTORIES"].flatMap(UInt64.init) ?? 6
        return Array(1...count)
    }

    @Test func answersAreTheOraclesAtTheirPosition() async throws {
        var (compared, refused, items, sent, between) = (0, 0, 0, 0, 0)
        for seed in Self.seeds {
            let played = try ServedHistory(History(seed: seed, length: 40))
            try await played.play(users: 3)
            var replay = try ServedReplay(played)
            try replay.run()
            #expect(
                replay.problems.isEmpty,
                "DAYBOOK_SEED=\(seed), \(replay.problems.count) of \(replay.compared): \(replay.problems.prefix(3).joined(separator: "\n"))"
            )
            compared += replay.compared
            refused += replay.refused
            items += replay.items
            sent += played.overHTTP
            // Somebody wrote between the position served and the receipt: other readers.
            between += played.asked.filter { $0.receipt > $0.position + 1 }.count
        }
        print(
            "over HTTP: \(compared) answers, \(refused) refused, \(items) resources, \(sent) messages sent, \(between) overtaken"
        )
        #expect(compared > refused && items > 0 && sent > 0 && between > 0)
    }
}
