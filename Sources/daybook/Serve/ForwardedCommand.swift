import Foundation
import Listeners

/// This process's command, run by the server that holds the store.
enum ForwardedCommand {
    /// Runs it there, where a server listens at the path.
    ///
    /// - Throws: `CommandEnd` with its exit status when it was run there; nothing is thrown where nobody listens.
    static func runWhereServed(_ path: String) throws {
        let call = ControlCall(
            arguments: Array(CommandLine.arguments.dropFirst()),
            directory: FileManager.default.currentDirectoryPath, showsProgress: Output.errorIsTerminal)
        let status: Int32?
        do {
            status = try ControlClient.run(
                call, at: path, output: { Output.write($0) }, error: { Output.writeError($0) }, input: input)
        } catch {
            throw CommandFailure(
                status: .trouble,
                message: "\(path): \(error); whether the command was carried out is not known: ask the store")
        }
        guard let status else { return }
        throw CommandEnd(status: ExitStatus(rawValue: status) ?? .trouble)
    }

    /// The next piece of standard input; empty at its end.
    private static func input() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            return Array(bytes.prefix(max(0, count)))
        }
    }
}
