import Crypto
import Foundation
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import Wire

@testable import Listeners

/// An issuer's keys at an address: read once, kept, and read again when they are old or a token names another.
@Suite struct KeySourceTests {
    private final class Issuer: Sendable {
        let state = Mutex((keys: ["k1"], status: 200, asked: 0, milliseconds: 0))
        /// Answers wait for its end.
        let gate = Mutex<AsyncStream<Void>?>(nil)

        func router() -> Router<BasicRequestContext> {
            let router = Router()
            router.get("keys") { [self] _, _ in
                let (keys, status, milliseconds) = state.withLock { state in
                    state.asked += 1
                    return (state.keys, state.status, state.milliseconds)
                }
                try await Task.sleep(for: .milliseconds(milliseconds))
                if let gate = gate.withLock({ $0 }) { for await _ in gate {} }
                let point = P256.Signing.PrivateKey().publicKey.x963Representation.dropFirst()
                let (x, y) = (
                    Base64URL.encode(Array(point.prefix(32))), Base64URL.encode(Array(point.suffix(32)))
                )
                let list = keys.map { #"{"kty":"EC","crv":"P-256","kid":"\#($0)","x":"\#(x)","y":"\#(y)"}"# }
                let text = #"{"keys":[\#(list.joined(separator: ","))]}"#
                return Response(
                    status: .init(code: status), body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
            }
            return router
        }

        var asked: Int { state.withLock { $0.asked } }
        func set(_ keys: [String], status: Int = 200) {
            state.withLock { ($0.keys, $0.status) = (keys, status) }
        }
    }

    @Test func keysAreKeptAndFollowARotation() async throws {
        let issuer = Issuer()
        let application = Application(
            router: issuer.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await application.test(.live) { client in
            let port = try #require(client.port)
            let source = KeySource("http://127.0.0.1:\(port)/keys", seconds: 120)
            let start = Date()
            func keys(_ id: String, after seconds: Double) async throws -> KeySet {
                try await source.keys(with: id, now: start.addingTimeInterval(seconds))
            }
            #expect(try await keys("k1", after: 0).has("k1") && issuer.asked == 1)
            for second in 1..<100 { #expect(try await keys("k1", after: Double(second)).has("k1")) }
            #expect(issuer.asked == 1)
            // A new key: found as soon as a token names it, the pause between two readings kept.
            issuer.set(["k1", "k2"])
            #expect(try await keys("k2", after: 101).has("k2") && issuer.asked == 2)
            for _ in 0..<50 { #expect(try await !keys("made-up", after: 102).has("made-up")) }
            #expect(issuer.asked == 2)
            // One taken out is gone when they are old.
            issuer.set(["k2"])
            #expect(try await keys("k1", after: 110).has("k1") && issuer.asked == 2)
            #expect(try await !keys("k2", after: 110 + KeySource.maximumAge).has("k1"))
            #expect(issuer.asked == 3)
            // An issuer that does not answer leaves the keys that are known.
            issuer.set([], status: 503)
            #expect(try await keys("k2", after: 900).has("k2") && issuer.asked == 4)
            // Whether it has another by now cannot be told: that is no fault of the token.
            await #expect(throws: TokenFault.keysUnavailable) { try await keys("k3", after: 901) }
            // Nor are they believed for ever: a withdrawn one would live for as long as the address is kept down.
            let end = 110 + KeySource.maximumAge + KeySource.longestBelief
            #expect(try await keys("k2", after: end - 1).has("k2"))
            await #expect(throws: TokenFault.keysUnavailable) { try await keys("k2", after: end) }
            issuer.set(["k2"])
            #expect(try await keys("k2", after: end + 60).has("k2"))
        }
    }

    /// An address that hangs holds up whoever first finds out, and after that nobody whose key is held.
    @Test func anAddressThatHangsHoldsUpNobodyWhoseKeyIsHeld() async throws {
        let issuer = Issuer()
        issuer.set(["k1"])
        let application = Application(
            router: issuer.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await application.test(.live) { client in
            let port = try #require(client.port)
            let source = KeySource("http://127.0.0.1:\(port)/keys", seconds: 120)
            let start = Date()
            #expect(try await source.keys(with: "k1", now: start).has("k1"))
            issuer.set([], status: 503)
            let old = start.addingTimeInterval(KeySource.maximumAge + 1)
            #expect(try await source.keys(with: "k1", now: old).has("k1") && issuer.asked == 2)
            // From here on it does not answer before the end of this test.
            let (gate, opening) = AsyncStream<Void>.makeStream()
            issuer.gate.withLock { $0 = gate }
            for number in 1...5 {
                let later = old.addingTimeInterval(100.0 * Double(number))
                #expect(try await source.keys(with: "k1", now: later).has("k1"))
            }
            opening.finish()
        }
    }

    @Test func whoeverComesWhileTheyAreReadWaitsForThatReading() async throws {
        let issuer = Issuer()
        issuer.state.withLock { $0.milliseconds = 300 }
        let application = Application(
            router: issuer.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await application.test(.live) { client in
            let port = try #require(client.port)
            let source = KeySource("http://127.0.0.1:\(port)/keys", seconds: 120)
            let found = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for _ in 0..<20 { tasks.addTask { try await source.keys(with: "k1").has("k1") } }
                return try await tasks.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(found == 20 && issuer.asked == 1)
        }
    }

    @Test func anIssuerThatLeadsElsewhereOrSaysTooMuchHasNoKeys() async throws {
        let router = Router()
        router.get("elsewhere") { _, _ in
            Response(status: .found, headers: [.location: "http://127.0.0.1:1/keys"])
        }
        router.get("endless") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(byteBuffer: ByteBuffer(repeating: 0x20, count: KeyPlace.maximumBytes + 1)))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await application.test(.live) { client in
            let port = try #require(client.port)
            for path in ["elsewhere", "endless", "none"] {
                await #expect(throws: KeyPlace.Unreadable.self) {
                    try await KeyPlace("http://127.0.0.1:\(port)/\(path)").read()
                }
            }
        }
    }

    @Test func keysThatCannotBeHadAreNoFaultOfTheToken() async throws {
        let served = try ServedStore()
        var application = try served.application()
        application.settings.access.keys = served.directory + ".nowhere"
        try await Application(router: application.router(served.own)).test(.router) { client in
            let head = try served.store.log.head.position
            let answer = try await client.get("Patient?_id=x", served.token())
            #expect(
                answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "5", "\(answer.text)")
            #expect(answer.headers[.wwwAuthenticate] == nil)
            #expect(try served.accesses(after: head).isEmpty)
            let ready = try await client.execute(uri: "/health/ready", method: .get)
            #expect(ready.text.contains("keys cannot be read"), "\(ready.text)")
        }
    }

    @Test func plainHTTPIsTakenOfThisMachineAlone() async {
        for place in ["http://identity.example/keys", "ftp://127.0.0.1/keys"] {
            await #expect(throws: TokenFault.keysUnavailable) { try await KeySource(place).keys(with: "k1") }
        }
    }
}
