import Foundation
import Testing

/// The oracle over HTTP: while sources send by HTTP and MLLP and policy is written, several users ask at once, searches and single
/// resources, and each answer shows what the oracle says of its position. `DAYBOOK_HTTP_HISTORIES` says how many histories,
/// `DAYBOOK_SEED` plays one of them. By itself only: beside the whole suite on a small machine its client gives up on an answer.
@Suite(.serialized, .enabled(if: OracleTests.environment["DAYBOOK_HTTP_HISTORIES"] != nil))
struct ServedOracleTests {
    static var seeds: [UInt64] {
        if let seed = OracleTests.environment["DAYBOOK_SEED"].flatMap(UInt64.init) { return [seed] }
        let count = OracleTests.environment["DAYBOOK_HTTP_HISTORIES"].flatMap(UInt64.init) ?? 1
        return Array(1...count)
    }

    @Test func answersAreTheOraclesAtTheirPosition() async throws {
        var (compared, refused, items, reads, sent, hospitals, between) = (0, 0, 0, 0, 0, 0, 0)
        for seed in Self.seeds {
            let played = try ServedHistory(History.served(seed: seed))
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
            reads += played.asked.count { $0.id != nil && $0.status == 200 }
            sent += played.overHTTP
            hospitals += played.overMLLP
            // Somebody wrote between the position served and the receipt: other readers.
            between += played.asked.filter { $0.receipt > $0.position + 1 }.count
        }
        print(
            "over HTTP: \(compared) answers, \(refused) refused, \(items) resources, \(reads) of them by themselves, "
                + "\(sent) messages sent by HTTP and \(hospitals) by MLLP, \(between) overtaken"
        )
        #expect(compared > refused && items > 30 && reads > 10 && sent > 0 && hospitals > 0 && between > 0)
    }
}
