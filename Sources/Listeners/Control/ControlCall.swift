import Foundation

/// A command that a client asks the process holding the store to run: its words, where it was run, and by whom.
public struct ControlCall: Codable, Hashable, Sendable {
    /// Without the program's name.
    public var arguments: [String]
    /// Relative paths among the arguments are from here.
    public var directory: String
    /// Whether progress would be seen: standard error is a terminal.
    public var showsProgress: Bool
    /// The operating system's user at the other end of the socket. The server fills it in: what a client says of itself is not read.
    public var systemUser: String?

    public init(arguments: [String], directory: String, showsProgress: Bool) {
        (self.arguments, self.directory, self.showsProgress) = (arguments, directory, showsProgress)
    }

    func encoded() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }

    init(decoding bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(ControlCall.self, from: Data(bytes))
    }
}

/// Where a command that runs for a client writes, and reads its standard input from.
public protocol ControlReply: AnyObject {
    func output(_ bytes: [UInt8])
    func error(_ bytes: [UInt8])
    /// The next piece of standard input; empty at its end.
    func input() throws -> [UInt8]
}
