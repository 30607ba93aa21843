import Foundation
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// What `daybook feeds` shows, as `/metrics` tells it.
@Suite struct FeedFiguresTests {
    @Test func everyFigureOfAFeedIsAMetric() async throws {
        let served = try ServedStore()
        let again = IngestInput(
            name: "registration.json", bytes: try ServedStore.sample("practice/registration.json"),
            type: .fhir)
        _ = try served.store.ingest(source: "ZZG01", inputs: [again])
        let broken = IngestInput(name: "broken", bytes: Array("{".utf8), type: .fhir)
        _ = try served.store.ingest(source: "ZZH01", inputs: [broken])
        // Past the hospital's two hours, within the surgery's week.
        try served.store.setClock(to: Instant(rfc3339: "2018-01-30T16:00:00Z")!)
        let feeds = try served.store.feeds()
        #expect(feeds.map(\.source) == ["ZZG01", "ZZH01"])
        #expect(feeds.map(\.isSilent) == [false, true])
        #expect(feeds.map(\.duplicate) == [1, 0] && feeds.map(\.quarantined) == [0, 1])
        try await served.serving { client in
            let text = try await client.plain("/metrics", nil).text
            var told: [String: Double] = [:]
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                let parts = line.split(separator: " ")
                if parts.count == 2 { told[String(parts[0])] = Double(parts[1]) }
            }
            for feed in feeds {
                func figure(_ name: String) -> Double? {
                    told["daybook_feed_\(name){source=\"\(feed.source)\"}"]
                }
                #expect(figure("accepted_messages") == Double(feed.accepted) && feed.accepted > 0)
                #expect(figure("duplicate_messages") == Double(feed.duplicate))
                #expect(figure("quarantined_messages") == Double(feed.quarantined))
                #expect(figure("silent") == (feed.isSilent ? 1 : 0))
                #expect(
                    figure("last_message_timestamp_seconds")
                        == feed.last.map { Double($0.microseconds) / 1e6 })
                #expect(figure("lag_seconds") == feed.lag.map { Double($0) / 1e6 }, "\(text)")
            }
        }
    }
}
