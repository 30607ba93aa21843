import Foundation
import Listeners
import Server

/// A command that runs inside the server, for a client on the control socket: with the store that is open there, and
/// output that goes back to the client.
///
/// `@unchecked Sendable` because a reply is only written to by its own command, one thread at a time, and by its progress.
final class ServedCommand: @unchecked Sendable {
    /// The command that this thread runs, where it runs one.
    @TaskLocal static var current: ServedCommand?

    let store: Store
    let call: ControlCall
    let reply: any ControlReply

    init(store: Store, call: ControlCall, reply: any ControlReply) {
        (self.store, self.call, self.reply) = (store, call, reply)
    }

    /// Parses and runs the command on this thread, which is of no further use: its working directory is the client's.
    ///
    /// - Returns: the exit status.
    func run() -> Int32 {
        Self.$current.withValue(self) {
            do {
                // The directory of this thread alone: relative paths mean what they mean to the client.
                guard Self.ownDirectory(), chdir(call.directory) == 0 else {
                    throw CommandFailure(
                        status: .trouble,
                        message:
                            "\(call.directory): the server cannot work there: \(String(cString: strerror(errno)))"
                    )
                }
                var command = try Daybook.parseAsRoot(call.arguments)
                try command.run()
                return ExitStatus.done.rawValue
            } catch {
                return ExitStatus.report(error).rawValue
            }
        }
    }

    /// Gives this thread a working directory of its own (Linux's `unshare(CLONE_FS)`, which Glibc's module leaves out).
    private static func ownDirectory() -> Bool {
        typealias Unshare = @convention(c) (Int32) -> Int32
        guard let symbol = dlsym(nil, "unshare") else { return false }
        return unsafeBitCast(symbol, to: Unshare.self)(0x200) == 0
    }

    /// The client's standard input, as a file to read.
    func standardInput() -> FileHandle {
        let pipe = Pipe()
        Thread.detachNewThread { [self] in
            defer { try? pipe.fileHandleForWriting.close() }
            while let bytes = try? reply.input(), !bytes.isEmpty {
                guard (try? pipe.fileHandleForWriting.write(contentsOf: Data(bytes))) != nil else { return }
            }
        }
        return pipe.fileHandleForReading
    }
}
