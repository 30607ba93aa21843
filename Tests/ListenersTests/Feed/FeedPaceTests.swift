import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Server
import Synchronization
import Testing
import Wire

@testable import Listeners

/// Consumers that are slow, and one that takes nothing.
@Suite struct FeedPaceTests {
    private static let messages = 300

    private func answer(_ served: ServedStore, _ limits: FeedLimits, channel: any Channel) async throws
        -> FeedAnswer
    {
        let calls = StoreCalls(served.store)
        let application = try served.application()
        let settings = application.settings
        let authentication = AuthenticationMiddleware(
            calls: calls,
            verifier: TokenVerifier(
                settings.access, own: served.own,
                keys: KeySource(settings.access.keys, logger: application.logger)),
            refusals: RefusalRecorder(calls), limits: ClientLimits(settings.httpLimits))
        let request = Request(
            head: HTTPRequest(
                method: .get, scheme: nil, authority: nil, path: "/feed?after=0",
                headerFields: [.authorization: "Bearer \(try served.token())"]),
            body: RequestBody(buffer: ByteBuffer()))
        var context = ServerContext(
            source: ApplicationRequestContextSource(
                channel: channel, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let caller = try await authentication.admitted(request, context)
        context.caller = caller
        let first = try await FeedRoutes.page(
            FeedRequest(caller: caller, after: .start, lines: limits.lines, isFirst: true), calls)
        return FeedAnswer(
            request: request, context: context, calls: calls, authentication: authentication,
            readiness: Readiness(store: served.store), limits: limits,
            place: try FeedStreams(limits).place(of: caller), first: first)
    }

    private func observations(_ served: ServedStore) throws {
        let inputs = (0..<Self.messages).map { index in
            IngestInput(
                name: "\(index)",
                bytes: Array(
                    #"{"resourceType":"Observation","id":"slow-\#(index)","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/H7731"}}"#
                        .utf8), type: .fhir)
        }
        _ = try served.store.ingest(source: "ZZH01", inputs: inputs)
    }

    /// Takes each piece slowly, and looks whether anything is decided meanwhile: a page leaves a receipt.
    private struct SlowWriter: ResponseBodyWriter {
        final class Seen: Sendable {
            let pieces = Mutex<[(text: String, before: Position, after: Position)]>([])
        }

        let store: Store
        let seen: Seen

        mutating func write(_ buffer: ByteBuffer) async throws {
            let before = try store.log.head.position
            try await Task.sleep(for: .milliseconds(20))
            let after = try store.log.head.position
            seen.pieces.withLock { $0.append((String(buffer: buffer), before, after)) }
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    @Test func theNextPageWaitsUntilTheLastIsTaken() async throws {
        let served = try ServedStore()
        try observations(served)
        let seen = SlowWriter.Seen()
        let answer = try await answer(served, FeedLimits(), channel: NIOAsyncTestingChannel())
        var writer: any ResponseBodyWriter = SlowWriter(store: served.store, seen: seen)
        try await answer.lines(to: &writer)
        let pieces = seen.pieces.withLock { $0 }
        #expect(pieces.count > Self.messages / 64)
        #expect(pieces.allSatisfy { $0.before == $0.after })
        let text = pieces.map(\.text).joined()
        for index in 0..<Self.messages { #expect(text.contains("ZZH01.slow-\(index)\"")) }
        #expect(text.contains(#""end":"head""#))
        // Bytes of a page at a time, however many there are.
        #expect(pieces.allSatisfy { $0.text.utf8.count < 64 << 10 })
    }

    @Test func anAnswerHasABoundOfLinesAndGoesOnFromThere() async throws {
        let served = try ServedStore()
        try observations(served)
        var limits = FeedLimits()
        limits.lines = 50
        let seen = SlowWriter.Seen()
        let answer = try await answer(served, limits, channel: NIOAsyncTestingChannel())
        var writer: any ResponseBodyWriter = SlowWriter(store: served.store, seen: seen)
        try await answer.lines(to: &writer)
        let lines = seen.pieces.withLock { $0.map(\.text).joined() }.split(separator: "\n")
        #expect((50..<80).contains(lines.count - 1))
        let position = try #require(lines.dropLast().last?.firstMatch(of: #/"position":([0-9]+)/#)?.1)
        let last = try #require(lines.last)
        #expect(last.contains(#""next":\#(position),"#) && last.contains(#""end":"lines""#))
    }

    /// Takes nothing until the connection is closed.
    private struct StuckWriter: ResponseBodyWriter {
        struct Closed: Error {}

        let channel: any Channel

        mutating func write(_ buffer: ByteBuffer) async throws {
            try await channel.closeFuture.get()
            throw Closed()
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    @Test(.timeLimit(.minutes(5))) func aConsumerThatTakesNothingIsCutOff() async throws {
        let served = try ServedStore()
        let channel = NIOAsyncTestingChannel()
        var limits = FeedLimits()
        limits.stall = .milliseconds(100)
        let answer = try await answer(served, limits, channel: channel)
        var writer: any ResponseBodyWriter = StuckWriter(channel: channel)
        await #expect(throws: StuckWriter.Closed.self) { try await answer.lines(to: &writer) }
    }
}
