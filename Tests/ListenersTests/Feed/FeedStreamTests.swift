import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// The feed as server-sent events, over a socket.
@Suite struct FeedStreamTests {
    private static func limits(_ change: (inout FeedLimits) -> Void = { _ in }) -> FeedLimits {
        var limits = FeedLimits()
        limits.heartbeat = .milliseconds(50)
        limits.tick = .milliseconds(10)
        limits.streamTime = .milliseconds(600)
        change(&limits)
        return limits
    }

    private func observation(_ id: String) -> IngestInput {
        IngestInput(
            name: id,
            bytes: Array(
                #"{"resourceType":"Observation","id":"\#(id)","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/H7731"}}"#
                    .utf8), type: .fhir)
    }

    private func stream(
        _ client: any TestClientProtocol, _ path: String, _ token: String, last: String? = nil
    ) async throws -> TestResponse {
        var headers = [("Accept", "text/event-stream")]
        if let last { headers.append(("Last-Event-ID", last)) }
        return try await client.plain(path, token, headers)
    }

    /// The ids and the data of the events of a kind.
    private func events(_ text: String, _ kind: String) -> [(id: String?, data: String)] {
        text.components(separatedBy: "\n\n").compactMap { block in
            var (id, data, event) = (String?.none, "", "")
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
                if line.hasPrefix("event: ") { event = String(line.dropFirst(7)) }
            }
            return event == kind ? (id, data) : nil
        }
    }

    /// Waits until the stream's first receipt is durable: what comes after it comes while the stream goes on.
    private func began(_ served: ServedStore, after head: Position) async throws {
        while try served.store.log.head.position == head { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func itGoesOnWithWhatComesAndSaysWhereItIs() async throws {
        let served = try ServedStore()
        let readiness = Readiness(store: served.store)
        let head = try served.store.log.head.position
        try await served.serving(feed: Self.limits { $0.streamTime = .seconds(600) }, readiness: readiness) {
            client in
            let token = try served.token()
            async let answered = stream(client, "/feed?after=\(head.value)", token)
            try await began(served, after: head)
            let asked = try served.store.log.head.position.value
            _ = try served.store.ingest(source: "ZZH01", inputs: [observation("s1")])
            // The resource, and its line's receipt.
            while try served.store.log.head.position.value < asked + 2 {
                try await Task.sleep(for: .milliseconds(5))
            }
            // Some heartbeats more.
            try await Task.sleep(for: .seconds(1))
            readiness.stop()
            let answer = try await answered
            #expect(answer.status == .ok && answer.headers[.contentType] == FeedRoutes.events)
            let changes = events(answer.text, "change")
            #expect(changes.count == 1 && changes[0].data.contains("Observation/ZZH01.s1"), "\(answer.text)")
            let position = UInt64(try #require(changes.first?.id)) ?? 0
            let beats = answer.text.matches(of: #/: position ([0-9]+)\nid: ([0-9]+)\n\n/#)
            #expect(beats.count > 1 && beats.allSatisfy { $0.1 == $0.2 }, "\(answer.text)")
            // The last one is behind the line and its receipt.
            #expect(beats.last.flatMap { UInt64($0.1) } == position + 1, "\(answer.text)")
            let end = try #require(events(answer.text, "end").last)
            #expect(end.data.contains(#""end":"stopping""#))
            // Its own receipts make no stream tell anything: one for the question, one for the line.
            let left = try served.accesses(after: head).filter { $0.receipt.question == .feed }
            #expect(left.map(\.receipt.shown) == [0, 1])
        }
    }

    /// A consumer that broke off goes on behind the last event that it had, whatever the address says.
    @Test func itGoesOnFromTheLastEvent() async throws {
        let served = try ServedStore()
        try await served.serving(feed: Self.limits { $0.streamTime = .milliseconds(100) }) { client in
            let token = try served.token()
            let all = events(try await stream(client, "/feed?after=0", token).text, "change")
            // Inside a batch there is nowhere to go on from: only its last line has an id.
            let positions = all.map { $0.data.firstMatch(of: #/"position":([0-9]+)/#).map { String($0.1) } }
            for (index, event) in all.enumerated() {
                let isLast = index + 1 == all.count || positions[index + 1] != positions[index]
                #expect(event.id == (isLast ? positions[index] : nil))
            }
            #expect(all.count > 5)
            for id in Set(all.compactMap(\.id)) {
                let rest = try await stream(client, "/feed?after=0", token, last: id)
                let expected = all.indices.filter { Int(positions[$0] ?? "") ?? 0 > Int(id) ?? 0 }.count
                #expect(events(rest.text, "change").count == expected, "after \(id)")
            }
        }
    }

    @Test func whoIsNoLongerLetInIsToldSoAndItIsRecorded() async throws {
        let served = try ServedStore()
        let head = try served.store.log.head.position
        try await served.serving(feed: Self.limits { $0.streamTime = .seconds(600) }) { client in
            let token = try served.development("dr-sedge")
            async let answered = stream(client, "/feed?after=\(head.value)", token)
            try await began(served, after: head)
            try served.applyRegion { $0.replacing(#/  - \{id: dr-sedge, .*\n/#, with: "") }
            let answer = try await answered
            #expect(
                events(answer.text, "end").last?.data.contains(#""end":"refused""#) == true, "\(answer.text)")
            let refusals = try served.accesses(after: head).filter { $0.receipt.question == .signIn }
            #expect(refusals.count == 1 && refusals[0].receipt.viewer?.user == "dr-sedge")
        }
    }

    @Test func aServerThatStopsEndsIt() async throws {
        let served = try ServedStore()
        let readiness = Readiness(store: served.store)
        let head = try served.store.log.head.position
        let limits = Self.limits { $0.streamTime = .seconds(600) }
        try await served.serving(feed: limits, readiness: readiness) { client in
            let token = try served.token()
            async let answered = stream(client, "/feed?after=0", token)
            try await began(served, after: head)
            readiness.stop()
            let answer = try await answered
            #expect(events(answer.text, "end").last?.data.contains(#""end":"stopping""#) == true)
        }
    }

    /// What there is to go through and not to be told moves the consumer on: broken off on the way, it goes on from there.
    @Test func itSaysWhereItIsWhileItCatchesUp() async throws {
        let served = try ServedStore()
        let readiness = Readiness(store: served.store)
        let before = try served.store.log.head.position
        for number in 0..<140 {
            _ = try served.store.ingest(source: "ZZH01", inputs: [observation("c\(number)")])
        }
        let head = try served.store.log.head.position
        let limits = Self.limits {
            ($0.heartbeat, $0.streamTime) = (.zero, .seconds(600))
        }
        try await served.serving(feed: limits, readiness: readiness) { client in
            // Who sees nobody.
            let token = try served.development("dr-sedge")
            async let answered = stream(client, "/feed?after=\(before.value)", token)
            try await began(served, after: head)
            try await Task.sleep(for: .seconds(1))
            readiness.stop()
            let answer = try await answered
            #expect(events(answer.text, "change").isEmpty, "\(answer.text)")
            let beats = answer.text.matches(of: #/: position ([0-9]+)\nid: ([0-9]+)\n\n/#).compactMap {
                UInt64($0.1)
            }
            #expect(beats.contains { $0 > before.value && $0 < head.value }, "\(beats.prefix(5)) of \(head)")
            #expect(beats.sorted() == beats)
        }
    }

    @Test func oneClientFollowsItAFewTimesAtOnce() async throws {
        let served = try ServedStore()
        let readiness = Readiness(store: served.store)
        let head = try served.store.log.head.position
        let limits = Self.limits {
            $0.streamsOfOne = 1
            $0.streamTime = .seconds(600)
        }
        try await served.serving(feed: limits, readiness: readiness) { client in
            let token = try served.token()
            async let first = stream(client, "/feed?after=0", token)
            try await began(served, after: head)
            // Pushed back, and nothing is written for it: who asks too much would fill the log.
            let before = try served.store.log.head.position
            for _ in 0..<8 {
                let second = try await stream(client, "/feed?after=0", token)
                #expect(second.status == .tooManyRequests && second.headers[.retryAfter] != nil)
                #expect(second.headers[FHIRAnswer.receipt] == nil)
            }
            #expect(try served.store.log.head.position == before)
            readiness.stop()
            #expect(try await first.status == .ok)
            // Its place is free again.
            #expect(try await stream(client, "/feed?after=0", token).status == .ok)
        }
    }
}
