import Foundation
import Glibc

/// A consumer of the feed's events, on a socket of its own.
final class FeedSocket: Sendable {
    private let descriptor: Int32

    init(_ port: UInt16, _ token: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let request = """
            GET /feed?after=0 HTTP/1.1\r
            Host: 127.0.0.1\r
            Accept: text/event-stream\r
            Authorization: Bearer \(token)\r
            \r

            """
        guard result == 0, send(descriptor, request, request.utf8.count, 0) == request.utf8.count else {
            throw POSIXError(.ECONNREFUSED)
        }
    }

    deinit { close(descriptor) }

    /// What comes until the text has come and its event is over, or nothing more does.
    func read(until text: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [self] in
                var buffer = [UInt8](repeating: 0, count: 4096)
                var all: [UInt8] = []
                while true {
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    if count <= 0 { break }
                    all += buffer.prefix(count)
                    let said = String(decoding: all, as: UTF8.self)
                    if let found = said.firstRange(of: text), said[found.upperBound...].contains("\n\n") {
                        break
                    }
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }
}
