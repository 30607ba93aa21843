import Foundation

/// Standard output and error, written whole.
enum Output {
    static func write(_ text: String) { write(Array(text.utf8)) }

    /// - Note: a reader that went away (`| head`) ends the process as it does for other commands: by SIGPIPE.
    static func write(_ bytes: [UInt8]) {
        if let served = ServedCommand.current { return served.reply.output(bytes) }
        put(bytes, to: STDOUT_FILENO)
    }

    /// A complaint on standard error, beginning with the command's name.
    static func complain(_ text: String, prefix: Bool = true) {
        writeError(Array(((prefix ? "daybook: " : "") + text + "\n").utf8))
    }

    static func writeError(_ bytes: [UInt8]) {
        if let served = ServedCommand.current { return served.reply.error(bytes) }
        put(bytes, to: STDERR_FILENO)
    }

    /// Whether somebody sees progress.
    static var errorIsTerminal: Bool { ServedCommand.current?.call.showsProgress ?? isTerminal }
    private static let isTerminal = isatty(STDERR_FILENO) == 1

    private static func put(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            // Nobody is left to tell: the disk is full, or the reader closed.
            guard written > 0 else { exit(ExitStatus.trouble.rawValue) }
            rest = rest.dropFirst(written)
        }
    }
}
