import Foundation
import Testing
import Wire

@testable import Server

/// Version and time in a resource's meta, and everything else as it stands.
@Suite struct VersionedResourceTests {
    private static func served(_ content: String) throws -> String {
        let bytes = try VersionedResource.bytes(
            Array(content.utf8), of: "Basic/1", version: Position(7),
            at: Instant(microseconds: 1_517_840_000_000_000))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let own = #""meta":{"versionId":"7","lastUpdated":"2018-02-05T14:13:20Z""#

    @Test(arguments: [
        (#"{"resourceType":"Basic","id":"1"}"#, #"{OWN},"resourceType":"Basic","id":"1"}"#),
        (#"{"id":"1","meta":{},"a":1}"#, #"{"id":"1",OWN},"a":1}"#),
        (
            #"{"id":"1","meta":{"versionId":"3","lastUpdated":"x"},"a":[{"meta":1}]}"#,
            #"{"id":"1",OWN},"a":[{"meta":1}]}"#
        ),
        (
            #"{"meta":{"profile":["a,\"}b"],"versionId":"3","security":[{"code":"R","x":{"versionId":2}}]},"a":1}"#,
            #"{OWN,"profile":["a,\"}b"],"security":[{"code":"R","x":{"versionId":2}}]},"a":1}"#
        ),
        // A name written with an escape is the same name.
        (#"{"meta":{"version\u0049d":"3","source":"s"}}"#, #"{OWN,"source":"s"}}"#),
        // White space, which intake never leaves, is read and not passed over.
        (#"{"meta":{ "security": [1] }}"#, #"{OWN,"security":[1]}}"#),
    ])
    func theSourcesOwnMetaStaysButForVersionAndTime(content: String, expected: String) throws {
        #expect(try Self.served(content) == expected.replacing("OWN", with: Self.own))
    }

    @Test func aMetaThatDoesNotReadIsRefused() {
        for meta in [#"{"a"}"#, "{1}"] {
            #expect(throws: StoreError.self) { try Self.served(#"{"meta":\#(meta)}"#) }
        }
    }
}
