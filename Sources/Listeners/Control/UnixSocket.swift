import Glibc

/// A stream socket of this machine: the few system calls that the control socket needs, each tried again when interrupted.
///
/// Belongs to one thread at a time.
struct UnixSocket: ~Copyable, Sendable {
    struct Failure: Error, CustomStringConvertible {
        var code: Int32
        var operation: String
        var description: String { "\(operation): \(String(cString: strerror(code)))" }
    }

    /// Bytes of a path, at most: the kernel's own limit, its closing zero left out.
    static let maximumPath = 107

    let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens at a path, which only its owner may connect to. Whatever a dead process left there is replaced.
    static func listening(at path: String) throws(Failure) -> UnixSocket {
        let socket = try fresh()
        unlink(path)
        // Made private before anyone can see it: Linux binds with the mode that the socket has. (The umask is the whole process's.)
        if fchmod(socket.descriptor, 0o600) != 0 { throw Failure(code: errno, operation: "fchmod \(path)") }
        let code = try withAddress(path) { bind(socket.descriptor, $0, $1) }
        if code != 0 { throw Failure(code: errno, operation: "bind \(path)") }
        if listen(socket.descriptor, 64) != 0 { throw Failure(code: errno, operation: "listen \(path)") }
        return socket
    }

    static func connected(to path: String) throws(Failure) -> UnixSocket {
        let socket = try fresh()
        let code = try withAddress(path) { connect(socket.descriptor, $0, $1) }
        if code != 0 { throw Failure(code: errno, operation: "connect \(path)") }
        return socket
    }

    private static func fresh() throws(Failure) -> UnixSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { throw Failure(code: errno, operation: "socket") }
        return UnixSocket(descriptor: descriptor)
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(Failure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        if bytes.count > maximumPath { throw Failure(code: ENAMETOOLONG, operation: "socket path \(path)") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// - Returns: nil once the socket was shut down.
    borrowing func accepted() throws(Failure) -> UnixSocket? {
        while true {
            let descriptor = accept(self.descriptor, nil, nil)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                return UnixSocket(descriptor: descriptor)
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EINVAL, EBADF: return nil
            default: throw Failure(code: errno, operation: "accept")
            }
        }
    }

    /// How long a read may wait from now on; nil: for ever. Past it a read fails with `EAGAIN`.
    borrowing func waitForBytes(seconds: Int?) throws(Failure) {
        var time = timeval(tv_sec: seconds ?? 0, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        if setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size) != 0 {
            throw Failure(code: errno, operation: "SO_RCVTIMEO")
        }
    }

    /// Whose process is at the other end, as the kernel says.
    borrowing func peerUser() throws(Failure) -> uid_t {
        // struct ucred: pid, uid, gid.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(12)
        if getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 {
            throw Failure(code: errno, operation: "SO_PEERCRED")
        }
        return credentials[1]
    }

    /// Wakes whoever waits on it.
    borrowing func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private var noSignal: Int32 { Int32(truncatingIfNeeded: MSG_NOSIGNAL) }

    /// All of the bytes, or a failure.
    borrowing func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, noSignal) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(code: errno, operation: "send")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Exactly so many bytes; nil where the other end closed before the first of them.
    borrowing func read(_ count: Int) throws(Failure) -> [UInt8]? {
        var out = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = out.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + done, count - done, 0) }
            if got < 0 {
                if errno == EINTR { continue }
                throw Failure(code: errno, operation: "recv")
            }
            if got == 0 {
                if done == 0 { return nil }
                throw Failure(code: EPIPE, operation: "recv: the other end closed in the middle of a frame")
            }
            done += got
        }
        return out
    }
}
