import Glibc
import Logging
import Metrics
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Takes HL7 v2 over MLLP: one connection, one message at a time, answered in order once it is durable.
///
/// A peer that is idle, slow, or no MLLP sender at all costs its own connection and nothing else. When the server stops,
/// what has been taken is answered, and nothing more is read.
public struct MLLPListener: Service {
    let endpoint: ServeSettings.Endpoint
    let limits: MLLPLimits
    let tls: TLSConfiguration?
    let door: any MessageDoor
    let logger: Logger
    /// Told the port once it listens.
    var onListening: @Sendable (Int) async -> Void = { _ in }

    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// - Parameter tls: nil: none.
    public init(
        endpoint: ServeSettings.Endpoint, limits: MLLPLimits, tls: TLSConfiguration? = nil,
        door: any MessageDoor,
        logger: Logger, onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        (self.endpoint, self.limits, self.tls) = (endpoint, limits, tls)
        (self.door, self.logger, self.onListening) = (door, logger, onListening)
    }

    public func run() async throws {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let limits = limits
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A peer that is gone without a word is found out within minutes: else its connection counts against its address for ever.
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 20)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 6)
            // Nothing is read before somebody serves it.
            .childChannelOption(.autoRead, value: false)
            .bind(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.addHandler(
                        MLLPFrameHandler(limits: limits, awaitsHandshake: context != nil))
                    return channel
                }
            }
        await onListening(server.channel.localAddress?.port ?? 0)
        let open = ConnectionCount(limit: limits.connections)
        let peers = PeerConnections(limit: limits.connectionsByPeer)
        let memory = HeldMemory(limit: limits.heldBytes)
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                // Asked to stop, it takes no more, and comes to the end of those that wait.
                try await withGracefulShutdownHandler {
                    for try await channel in connections {
                        guard open.enter() else {
                            logger.warning("mllp: a connection more than \(limits.connections) was refused")
                            channel.close(promise: nil)
                            continue
                        }
                        let peer = Peer.name(channel.remoteAddress)
                        guard peers.enter(peer) else {
                            logger.warning(
                                "mllp: a connection more than \(limits.connectionsByPeer) of one address was refused",
                                metadata: ["peer": "\(peer)"])
                            open.leave()
                            channel.close(promise: nil)
                            continue
                        }
                        group.addTask {
                            await serve(channel, memory)
                            peers.leave(peer)
                            open.leave()
                        }
                    }
                } onGracefulShutdown: {
                    server.channel.close(promise: nil)
                }
            }
        }
    }

    /// Wrapped here, not as it is accepted: a wrapped connection that nobody comes to serve would end the process.
    private func wrapped(
        _ channel: any Channel, _ memory: HeldMemory, _ id: Int
    ) async throws -> Connection {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: MLLPFrameHandler.self).serve(in: memory, id: id)
            let connection = try Connection(
                wrappingChannelSynchronously: channel,
                configuration: .init(
                    backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2),
                    isOutboundHalfClosureEnabled: false))
            channel.setOption(.autoRead, value: true).whenFailure { _ in channel.close(promise: nil) }
            return connection
        }.get()
    }

    private func serve(_ channel: any Channel, _ memory: HeldMemory) async {
        var peer = MLLPPeer(address: channel.remoteAddress?.description ?? "unknown", port: endpoint.port)
        var pace = Pace(perSecond: limits.messagesASecond)
        let limit = limits.heldBytes
        let held = memory.enter(Peer.name(channel.remoteAddress)) {
            channel.pipeline.fireErrorCaught(MLLPError.tooMuchHeld(limit: limit))
            channel.close(promise: nil)
        }
        defer { memory.leave(held) }
        do {
            try await wrapped(channel, memory, held).executeThenClose { inbound, outbound in
                for try await frame in inbound.cancelOnGracefulShutdown() {
                    defer { memory.change(held, by: -frame.readableBytes) }
                    try await pace.wait()
                    if tls != nil, peer.certificates == nil { peer.certificates = await Self.names(channel) }
                    let taken = await door.take(Array(frame.readableBytesView), from: peer)
                    guard let answer = taken else {
                        try await channel.eventLoop.submit {
                            try channel.pipeline.syncOperations.handler(type: MLLPFrameHandler.self).settled()
                        }.get()
                        continue
                    }
                    var buffer = channel.allocator.buffer(capacity: answer.count + 3)
                    MLLPFrameDecoder.framed(answer, into: &buffer)
                    try await outbound.write(buffer)
                }
            }
        } catch let error as MLLPError {
            Counter(label: "daybook_mllp_connections_ended", dimensions: [("why", error.word)]).increment()
            logger.warning("mllp: \(error)", metadata: ["peer": "\(peer.address)"])
        } catch {
            logger.debug("mllp: \(error)", metadata: ["peer": "\(peer.address)"])
        }
    }

    /// What the sender's certificate calls itself.
    private static func names(_ channel: any Channel) async -> Set<String> {
        let certificate = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self).peerCertificate
        }.get()
        guard let certificate = certificate ?? nil else { return [] }
        return CertificateNames.all(certificate)
    }
}

/// Who sends.
public struct MLLPPeer: Hashable, Sendable {
    public var address: String
    /// The port it came in at.
    public var port: Int
    /// What its certificate is known by, where it showed one; nil where it is not over TLS.
    public var certificates: Set<String>?

    public init(address: String, port: Int, certificates: Set<String>? = nil) {
        (self.address, self.port, self.certificates) = (address, port, certificates)
    }
}

/// What takes a message, and answers it once that is durable: never before.
public protocol MessageDoor: Sendable {
    /// - Returns: the acknowledgement; nil where the sender wants none.
    func take(_ message: [UInt8], from peer: MLLPPeer) async -> [UInt8]?
}
