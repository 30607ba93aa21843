import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A program that runs the other side of a benchmark.
///
/// It says `ready` when it is set up, then answers each line sent to it with one number. Closing its input ends it.
final class Peer {
    /// A peer that has said nothing for this long is taken to hang.
    var patienceMilliseconds: Int32 = 240_000

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending: [UInt8] = []

    init(_ executable: String, _ arguments: [String]) throws {
        name = (executable as NSString).lastPathComponent
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let first = try readLine()
        guard first == "ready" else { throw Failure(description: "\(name): \(first)") }
    }

    deinit { stop() }

    /// Sends one command, and returns the number it is answered with.
    func ask(_ command: String) throws -> Double {
        try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
        let line = try readLine()
        guard let value = Double(line) else { throw Failure(description: "\(name): \(line)") }
        return value
    }

    /// Ends the peer: closes its input, waits, and kills it if that isn't enough.
    func stop() {
        guard process.isRunning else { return }
        try? input.fileHandleForWriting.close()
        let deadline = Date().addingTimeInterval(10)
        while process.isRunning, Date() < deadline { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    private func readLine() throws -> String {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                return line
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, patienceMilliseconds) > 0 else {
                kill(process.processIdentifier, SIGKILL)
                throw Failure(
                    description: "\(name) gave no answer within \(patienceMilliseconds / 1000) s")
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { throw Failure(description: "\(name) ended early") }
            pending += chunk[..<count]
        }
    }
}
