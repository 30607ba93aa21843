import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Testing

@testable import Listeners

/// TLS on a real socket, with certificates that are replaced under way.
@Suite struct TLSTests {
    struct Echo: MessageDoor {
        func take(_ message: [UInt8], from peer: MLLPPeer) async -> [UInt8]? { message }
    }

    /// The two files of a server, in a folder of their own.
    final class Files {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "daybook-tls-\(UUID().uuidString)")
        var tls: ServeSettings.TLSFiles {
            ServeSettings.TLSFiles(
                certificate: folder.appending(path: "cert.pem").path(),
                key: folder.appending(path: "key.pem").path())
        }

        init(_ name: String) throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try put(name)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func put(_ name: String, key: String? = nil) throws {
            for (from, to) in [("\(name).pem", "cert.pem"), ("\(key ?? name).key.pem", "key.pem")] {
                try Data(contentsOf: TLSTests.certificate(from)).write(
                    to: folder.appending(path: to), options: .atomic)
            }
        }
    }

    static func certificate(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "certificates/\(name)")
    }

    private func listening(
        _ tls: TLSConfiguration, door: any MessageDoor = Echo(), limits: MLLPLimits = MLLPLimits(),
        _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        var listener = MLLPListener(
            endpoint: .init(host: "127.0.0.1", port: 0), limits: limits, tls: tls, door: door,
            logger: Logger(label: "test"))
        listener.onListening = {
            port.yield($0)
            port.finish()
        }
        let group = ServiceGroup(services: [listener], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports { try await body(port) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Sends a message and gives back the answer; trusts the one certificate.
    private func echo(_ text: String, _ port: Int, trusting name: String, as client: String? = nil)
        async throws
        -> String
    {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMFile(Self.certificate("\(name).pem").path()))
        if let client {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(
                Self.certificate("\(client).pem").path()
            ).map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(file: Self.certificate("\(client).key.pem").path(), format: .pem))
        }
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    try pipeline.addHandler(MLLPFrameHandler(limits: MLLPLimits()))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var buffer = ByteBuffer()
            MLLPFrameDecoder.framed(Array(text.utf8), into: &buffer)
            try await outbound.write(buffer)
            for try await frame in inbound { return String(buffer: frame) }
            throw Closed()
        }
    }

    struct Closed: Error {}

    @Test func aMessageIsAnsweredOverTLSAndNotToWhoeverTrustsAnotherCertificate() async throws {
        let files = try Files("first")
        try await listening(try ServedCertificate(files.tls).configuration()) { (port: Int) async throws in
            #expect(try await echo("one", port, trusting: "first") == "one")
            await #expect(throws: (any Error).self) { try await echo("two", port, trusting: "second") }
            #expect(try await echo("three", port, trusting: "first") == "three")
        }
    }

    @Test func aRenewedCertificateServesTheNextConnection() async throws {
        let files = try Files("first")
        let served = try ServedCertificate(files.tls, patience: .zero)
        try await listening(try served.configuration()) { (port: Int) async throws in
            #expect(try await echo("one", port, trusting: "first") == "one")
            try files.put("second")
            #expect(try await echo("two", port, trusting: "second") == "two")
            await #expect(throws: (any Error).self) { try await echo("three", port, trusting: "first") }
        }
    }

    @Test func whatDoesNotReadChangesNothing() async throws {
        let files = try Files("first")
        let served = try ServedCertificate(files.tls, patience: .zero)
        try await listening(try served.configuration()) { (port: Int) async throws in
            try Data("no certificate".utf8).write(to: URL(filePath: files.tls.certificate))
            #expect(try await echo("one", port, trusting: "first") == "one")
            try FileManager.default.removeItem(atPath: files.tls.key)
            #expect(try await echo("two", port, trusting: "first") == "two")
            try files.put("second")
            #expect(try await echo("three", port, trusting: "second") == "three")
        }
        try Data("no certificate".utf8).write(to: URL(filePath: files.tls.certificate))
        #expect(throws: (any Error).self) { try ServedCertificate(files.tls) }
    }

    /// Between two files' replacement there is a moment when they do not belong together.
    @Test func aKeyThatIsNotItsCertificatesChangesNothing() async throws {
        let files = try Files("first")
        let served = try ServedCertificate(files.tls, patience: .zero)
        try await listening(try served.configuration()) { (port: Int) async throws in
            for (certificate, key) in [("second", "first"), ("first", "second")] {
                try files.put(certificate, key: key)
                for _ in 0..<3 {
                    #expect(try await echo("one", port, trusting: "first") == "one")
                    await #expect(throws: (any Error).self) {
                        try await echo("two", port, trusting: "second")
                    }
                }
            }
            try files.put("second")
            #expect(try await echo("three", port, trusting: "second") == "three")
        }
        try files.put("second", key: "first")
        #expect(throws: (any Error).self) { try ServedCertificate(files.tls) }
    }

    @Test func whereClientsMustShowACertificateOneWithoutIsTurnedAway() async throws {
        let files = try Files("first")
        let tls = try ServedCertificate(files.tls).configuration(
            clientAuthorities: Self.certificate("authority.pem").path())
        try await listening(tls) { (port: Int) async throws in
            #expect(try await echo("one", port, trusting: "first", as: "client") == "one")
            await #expect(throws: (any Error).self) { try await echo("two", port, trusting: "first") }
            await #expect(throws: (any Error).self) {
                try await echo("three", port, trusting: "first", as: "second")
            }
            #expect(try await echo("four", port, trusting: "first", as: "client") == "four")
        }
    }

    /// Answers with what the sender's certificate is named by.
    struct Names: MessageDoor {
        func take(_ message: [UInt8], from peer: MLLPPeer) async -> [UInt8]? {
            Array((peer.certificates ?? []).sorted().joined(separator: " ").utf8)
        }
    }

    @Test func theDoorKnowsWhatTheCertificateIsNamedBy() async throws {
        let files = try Files("first")
        let tls = try ServedCertificate(files.tls).configuration(
            clientAuthorities: Self.certificate("authority.pem").path())
        let client = try #require(
            try NIOSSLCertificate.fromPEMFile(Self.certificate("client.pem").path()).first)
        try await listening(tls, door: Names()) { (port: Int) async throws in
            let names = try await echo("x", port, trusting: "first", as: "client")
            #expect(
                names.contains("sha256:")
                    && Set(names.split(separator: " ").map(String.init)) == CertificateNames.all(client))
        }
        try await listening(try ServedCertificate(files.tls).configuration(), door: Names()) {
            (port: Int) async throws in
            #expect(try await echo("x", port, trusting: "first").isEmpty)
        }
    }

    @Test func aPeerThatSaysNothingOfTLSLosesItsConnection() async throws {
        var limits = MLLPLimits()
        limits.handshakeSeconds = 1
        let files = try Files("first")
        try await listening(try ServedCertificate(files.tls).configuration(), limits: limits) {
            (port: Int) async throws in
            let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            try await silent.closeFuture.get()
            #expect(try await echo("one", port, trusting: "first") == "one")
        }
    }
}
