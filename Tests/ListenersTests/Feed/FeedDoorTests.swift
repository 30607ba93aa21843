import Foundation
import Server
import Testing

@testable import Listeners

/// The feed of the real `daybook serve`.
@Suite struct FeedDoorTests {
    /// Told to stop, it ends the streams and itself, long before their time.
    @Test(.timeLimit(.minutes(4))) func aStreamEndsWhenTheServerIsToldToStop() async throws {
        let process = try ServedProcess()
        let token = try process.development("dr-rowan")
        try process.start()
        let stream = try FeedSocket(process.port, token)
        let beginning = try await stream.read(until: "retry: 1000")
        #expect(beginning.contains("200 OK") && beginning.contains("text/event-stream"), "\(beginning)")
        async let rest = stream.read(until: "event: end")
        #expect(process.end(SIGTERM) == 0)
        let end = try await rest
        #expect(end.contains(#""end":"stopping""#), "\(end)")
    }
}
