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
        let state = Mutex((keys: ["k1"], status: 200, asked: 0))

        func router() -> Router<BasicRequestContext> {
            let router = Router()
            router.get("keys") { [self] _, _ in
                let (keys, status) = state.withLock { state in
                    state.asked += 1
                    return (state.keys, state.status)
                }
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
            let source = KeySource("http://127.0.0.1:\(port)/keys")
            let start = Date()
            func keys(_ id: String, after seconds: Double) async -> KeySet {
                await source.keys(with: id, now: start.addingTimeInterval(seconds))
            }
            #expect(await keys("k1", after: 0).has("k1") && issuer.asked == 1)
            for second in 1..<100 { #expect(await keys("k1", after: Double(second)).has("k1")) }
            #expect(issuer.asked == 1)
            // A new key: found as soon as a token names it, the pause between two readings kept.
            issuer.set(["k1", "k2"])
            #expect(await keys("k2", after: 101).has("k2") && issuer.asked == 2)
            for _ in 0..<50 { #expect(await !keys("made-up", after: 102).has("made-up")) }
            #expect(issuer.asked == 2)
            // One taken out is gone when they are old.
            issuer.set(["k2"])
            #expect(await keys("k1", after: 110).has("k1") && issuer.asked == 2)
            #expect(await !keys("k2", after: 110 + KeySource.maximumAge).has("k1"))
            #expect(issuer.asked == 3)
            // An issuer that does not answer leaves the keys that are known.
            issuer.set([], status: 503)
            #expect(await keys("k2", after: 900).has("k2") && issuer.asked == 4)
        }
    }

    @Test func plainHTTPIsTakenOfThisMachineAlone() async {
        #expect(await KeySource("http://identity.example/keys").keys(with: "k1").isEmpty)
        #expect(await KeySource("ftp://127.0.0.1/keys").keys(with: "k1").isEmpty)
    }
}
