import NIOCore
import NIOPosix

@testable import Listeners

/// A hospital's sender over MLLP: one connection, one message at a time, and its acknowledgement.
final class HospitalSender: Sendable {
    private typealias Frame = (bytes: [UInt8], answer: CheckedContinuation<String, any Error>)

    private let frames: AsyncStream<Frame>
    private let next: AsyncStream<Frame>.Continuation
    private let connection: Task<Void, any Error>

    /// Which source a message is of is said in MSH-4, as `MessageFactory` writes it.
    static func sources() throws -> MLLPSources {
        var sources = MLLPSources()
        for (ods, _) in RegionFactory.pool { try sources.add("PAS|\(ods)=\(ods)") }
        return sources
    }

    init(port: Int) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(MLLPFrameHandler(limits: MLLPLimits()))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        (frames, next) = AsyncStream.makeStream()
        connection = Task { [frames] in
            try await channel.executeThenClose { inbound, outbound in
                var answers = inbound.makeAsyncIterator()
                for await frame in frames {
                    var buffer = ByteBuffer()
                    MLLPFrameDecoder.framed(frame.bytes, into: &buffer)
                    try await outbound.write(buffer)
                    if let answer = try await answers.next() {
                        frame.answer.resume(returning: String(buffer: answer))
                    } else {
                        frame.answer.resume(throwing: Problem("MLLP ended the connection"))
                    }
                }
            }
        }
    }

    /// - Throws: where it is not acknowledged as taken.
    func send(_ message: MessageSpec) async throws {
        let answer = try await withCheckedThrowingContinuation { next.yield((message.bytes, $0)) }
        guard answer.contains("\rMSA|AA|") else { throw Problem("\(message.file): \(answer)") }
    }

    /// Ends the connection, whatever it waits for. Why it ended was said to whoever sent.
    func close() async {
        next.finish()
        connection.cancel()
        _ = await connection.result
    }
}
