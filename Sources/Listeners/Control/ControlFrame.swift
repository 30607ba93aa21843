import Wire

/// What goes over the control socket: a kind, a length (u32, big-endian), and so many bytes.
///
/// A client sends one `call`, then its standard input as `input` frames when the server asks for it (`wantsInput`) and an empty one
/// at its end; the server answers with `output` and `error` frames as the command writes them, and ends with `status`.
enum ControlFrame {
    enum Kind: UInt8 {
        case call = 1
        case input = 2
        case wantsInput = 3
        case output = 4
        case error = 5
        case status = 6
    }

    /// Bytes of a frame, at most.
    static let maximumBytes = 1 << 20

    static func write(_ kind: Kind, _ bytes: ArraySlice<UInt8>, to socket: borrowing UnixSocket)
        throws(UnixSocket.Failure)
    {
        var rest = bytes
        repeat {
            let piece = rest.prefix(maximumBytes)
            var writer = ByteWriter(capacity: piece.count + 5)
            writer.u8(kind.rawValue)
            writer.u32(UInt32(piece.count))
            try socket.write(writer.bytes + piece)
            rest = rest.dropFirst(piece.count)
        } while !rest.isEmpty
    }

    /// - Returns: nil where the other end closed between frames.
    static func read(from socket: borrowing UnixSocket) throws -> (kind: Kind, bytes: [UInt8])? {
        guard let head = try socket.read(5) else { return nil }
        var reader = ByteReader(head[...])
        let (code, length) = (try reader.u8(), Int(try reader.u32()))
        guard let kind = Kind(rawValue: code), length <= maximumBytes else {
            throw UnixSocket.Failure(
                code: 71, operation: "a control frame of kind \(code) and \(length) bytes")
        }
        if length == 0 { return (kind, []) }
        guard let bytes = try socket.read(length) else {
            throw UnixSocket.Failure(
                code: 32, operation: "recv: the other end closed in the middle of a frame")
        }
        return (kind, bytes)
    }
}
