import Glibc

/// The client's side of the control socket: sends a command to the process that holds the store, and plays back what it says.
public enum ControlClient {
    /// Runs the command over there.
    ///
    /// - Returns: its exit status; nil where nobody listens at the path.
    /// - Throws: where the connection breaks after the command was sent: whether it was carried out is not known.
    public static func run(
        _ call: ControlCall, at path: String, output: ([UInt8]) -> Void, error: ([UInt8]) -> Void,
        input: () -> [UInt8]
    ) throws -> Int32? {
        let socket: UnixSocket
        do throws(UnixSocket.Failure) { socket = try UnixSocket.connected(to: path) } catch {
            switch error.code {
            case ENOENT, ECONNREFUSED, ENOTSOCK, ENAMETOOLONG: return nil
            default: throw error
            }
        }
        try ControlFrame.write(.call, try call.encoded()[...], to: socket)
        while let frame = try ControlFrame.read(from: socket) {
            switch frame.kind {
            case .output: output(frame.bytes)
            case .error: error(frame.bytes)
            case .wantsInput: try ControlFrame.write(.input, input()[...], to: socket)
            case .status: return frame.bytes.first.map { Int32($0) } ?? 4
            case .call, .input: break
            }
        }
        throw UnixSocket.Failure(code: EPIPE, operation: "the server went away before the command ended")
    }
}
