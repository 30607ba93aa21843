import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Listeners

/// A connection that is slow or silent ends in time; one that keeps the pace does not.
@Suite struct ConnectionPaceTests {
    private struct Connection {
        let channel = EmbeddedChannel()
        let peers: PeerConnections

        init(
            peers: PeerConnections = PeerConnections(limit: 10),
            memory: HeldMemory = HeldMemory(limit: 1 << 30),
            _ change: (inout HTTPLimits) -> Void = { _ in }
        )
            throws
        {
            var limits = HTTPLimits()
            (limits.idleSeconds, limits.transferSeconds, limits.requestSeconds) = (60, 10, 30)
            limits.bytesASecond = 1000
            change(&limits)
            self.peers = peers
            try channel.pipeline.syncOperations.addHandler(
                ConnectionPace(limits, peers: peers, memory: memory))
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.7", port: 1000)).wait()
            channel.read()
        }

        var isOpen: Bool { channel.isActive }

        func wait(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

        func receive(_ part: HTTPRequestPart) throws {
            try channel.writeInbound(part)
            channel.read()
        }

        func request(whole: Bool = true) throws {
            try receive(
                .head(HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/fhir")))
            if whole { try receive(.end(nil)) }
        }

        func answer(_ bytes: Int) {
            channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
            channel.write(
                HTTPResponsePart.body(ByteBuffer(repeating: 0x20, count: bytes)), promise: nil)
            channel.write(HTTPResponsePart.end(nil), promise: nil)
        }
    }

    private func body(_ count: Int) -> HTTPRequestPart { .body(ByteBuffer(repeating: 0x20, count: count)) }

    @Test func aConnectionThatSaysNothingEnds() throws {
        let silent = try Connection()
        silent.wait(59)
        #expect(silent.isOpen)
        silent.wait(2)
        #expect(!silent.isOpen)
        // And so does one that fell silent after its answer, counted from there.
        let again = try Connection()
        again.wait(50)
        try again.request()
        again.wait(20)
        again.answer(10)
        again.channel.flush()
        again.wait(59)
        #expect(again.isOpen)
        again.wait(2)
        #expect(!again.isOpen)
    }

    @Test func aBodyThatDripsEndsTheConnectionAndOneThatKeepsPaceDoesNot() throws {
        let slow = try Connection()
        try slow.request(whole: false)
        for _ in 0..<12 {
            slow.wait(1)
            if slow.isOpen { try slow.receive(body(1)) }
        }
        #expect(!slow.isOpen)
        let steady = try Connection()
        try steady.request(whole: false)
        for _ in 0..<100 {
            steady.wait(1)
            try steady.receive(body(1000))
        }
        #expect(steady.isOpen)
    }

    @Test func whatTheServerDoesNotReadCostsThePeerNothing() throws {
        let held = try Connection()
        try held.channel.writeInbound(
            HTTPRequestPart.head(HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/fhir")))
        held.wait(1000)
        #expect(held.isOpen)
        held.channel.read()
        held.wait(11)
        #expect(!held.isOpen)
    }

    @Test func aBodyWithoutEndOrLengthEndsTheConnection() throws {
        let endless = try Connection { $0.bodyBytes = 10_000 }
        try endless.request(whole: false)
        for _ in 0..<20 where endless.isOpen { try endless.receive(body(100_000)) }
        #expect(!endless.isOpen)
    }

    @Test func anAnswerThatDoesNotBeginIsToldAsNone() throws {
        let late = try Connection()
        try late.request()
        late.wait(29)
        #expect(late.isOpen)
        late.wait(2)
        #expect(!late.isOpen)
        guard case .head(let head) = try late.channel.readOutbound(as: HTTPResponsePart.self) else {
            throw Missing()
        }
        #expect(head.status == .serviceUnavailable && head.headerFields[.retryAfter] != nil)
        // One that began has as long as its bytes need.
        let begun = try Connection()
        try begun.request()
        begun.wait(29)
        begun.answer(10)
        begun.channel.flush()
        begun.wait(31)
        #expect(begun.isOpen)
    }

    struct Missing: Error {}

    @Test func anAnswerThatNobodyTakesEndsTheConnection() throws {
        let deaf = try Connection()
        try deaf.request()
        // Written, and never flushed: as where the peer takes nothing.
        deaf.answer(20_000)
        deaf.wait(29)
        #expect(deaf.isOpen)
        deaf.wait(3)
        #expect(!deaf.isOpen)
    }

    @Test func oneAddressHasSoManyConnectionsAndGetsThemBack() throws {
        let peers = PeerConnections(limit: 2)
        let open = [try Connection(peers: peers), try Connection(peers: peers)]
        #expect(open.filter(\.isOpen).count == 2)
        #expect(try !Connection(peers: peers).isOpen)
        try open[0].channel.close().wait()
        #expect(try Connection(peers: peers).isOpen)
    }

    /// What is held of all connections, of answers not taken and of bodies, has one bound; who holds most loses the connection.
    @Test func whatIsHeldOfAllHasABound() throws {
        let memory = HeldMemory(limit: 100_000)
        let reader = try Connection(memory: memory)
        try reader.request()
        reader.answer(60_000)
        let sender = try Connection(memory: memory)
        try sender.request(whole: false)
        for _ in 0..<3 { try sender.receive(body(10_000)) }
        #expect(reader.isOpen && sender.isOpen && memory.total == 90_000)
        // Small parts are not worth counting.
        let small = try Connection(memory: memory)
        try small.request()
        small.answer(2_000)
        #expect(memory.total == 90_000)
        try sender.receive(body(20_000))
        #expect(!reader.isOpen && sender.isOpen && small.isOpen && memory.total == 50_000)
        // Taken and answered, nothing is held.
        try sender.receive(.end(nil))
        sender.answer(30_000)
        #expect(memory.total == 30_000)
        sender.channel.flush()
        #expect(memory.total == 0 && sender.isOpen)
    }
}
