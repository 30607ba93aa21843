import EventLog
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Takes commands from this machine's users while the server holds the store: each runs here, on a thread of its own, and what
/// it writes goes back to the client. So nobody is refused because the server is up.
///
/// Only the user that the server runs as, and root, are listened to: the kernel tells who it is.
public struct ControlListener: Service {
    /// Commands at once, at most; more wait.
    static let commands = 16
    /// Seconds that a client may take to say what it wants.
    static let callSeconds = 10

    let path: String
    let logger: Logger
    /// Runs a command, and says its exit status.
    let run: @Sendable (ControlCall, any ControlReply) -> Int32
    var callSeconds = Self.callSeconds

    public init(
        path: String, logger: Logger, run: @escaping @Sendable (ControlCall, any ControlReply) -> Int32
    ) {
        (self.path, self.logger, self.run) = (path, logger, run)
    }

    public func run() async throws {
        let listening = Listening(try UnixSocket.listening(at: path))
        let free = DispatchSemaphore(value: Self.commands)
        let (ended, end) = AsyncStream<Void>.makeStream()
        Thread.detachNewThread {
            while let descriptor = listening.accept() {
                free.wait()
                Thread.detachNewThread {
                    serve(descriptor.take())
                    free.signal()
                }
            }
            // Whoever is being served is served to the end.
            for _ in 0..<Self.commands { free.wait() }
            for _ in 0..<Self.commands { free.signal() }
            end.finish()
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            for await _ in ended {}
        } onCancelOrGracefulShutdown: {
            listening.stop()
        }
        unlink(path)
    }

    private func serve(_ socket: consuming UnixSocket?) {
        guard let socket else { return }
        do {
            let user = try socket.peerUser()
            guard user == geteuid() || user == 0 else {
                logger.warning("control socket: refused", metadata: ["uid": "\(user)"])
                return
            }
            try socket.waitForBytes(seconds: callSeconds)
            guard let frame = try ControlFrame.read(from: socket), frame.kind == .call else { return }
            var call = try ControlCall(decoding: frame.bytes)
            call.systemUser = Self.name(of: user)
            // Its input comes from wherever it comes, and takes what it takes.
            try socket.waitForBytes(seconds: nil)
            let reply = SocketReply(socket)
            let status = self.run(call, reply)
            reply.end(status)
        } catch {
            logger.warning("control socket: \(error)")
        }
    }

    /// The account's name, else its number.
    private static func name(of user: uid_t) -> String {
        var entry = passwd()
        var room = [CChar](repeating: 0, count: 16 << 10)
        let found = room.withUnsafeMutableBufferPointer { room -> String? in
            var result: UnsafeMutablePointer<passwd>?
            guard getpwuid_r(user, &entry, room.baseAddress!, room.count, &result) == 0, result != nil,
                let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
        return found ?? "uid \(user)"
    }
}

/// The listening socket, shared by the thread that accepts and whoever stops it.
private final class Listening: Sendable {
    private let socket: UnixSocket

    init(_ socket: consuming UnixSocket) { self.socket = socket }

    /// - Returns: nil once stopped.
    func accept() -> Accepted? {
        while true {
            do {
                guard let socket = try socket.accepted() else { return nil }
                return Accepted(socket)
            } catch { usleep(10_000) }
        }
    }

    func stop() { socket.shutDown() }
}

/// Hands a connection from one thread to another, once.
private final class Accepted: Sendable {
    private let socket: Mutex<UnixSocket?>

    init(_ socket: consuming UnixSocket) { self.socket = Mutex(socket) }

    func take() -> UnixSocket? { socket.withLock { $0.take() } }
}

/// A command's output, going back. A client that went away is told nothing; its command goes on.
private final class SocketReply: ControlReply {
    private let socket: UnixSocket

    init(_ socket: consuming UnixSocket) { self.socket = socket }

    func output(_ bytes: [UInt8]) { try? ControlFrame.write(.output, bytes[...], to: socket) }
    func error(_ bytes: [UInt8]) { try? ControlFrame.write(.error, bytes[...], to: socket) }

    func input() throws -> [UInt8] {
        try ControlFrame.write(.wantsInput, [], to: socket)
        guard let frame = try ControlFrame.read(from: socket), frame.kind == .input else {
            throw UnixSocket.Failure(code: EPIPE, operation: "the client went away before its input ended")
        }
        return frame.bytes
    }

    func end(_ status: Int32) {
        try? ControlFrame.write(.status, [UInt8(clamping: status)], to: socket)
    }
}
