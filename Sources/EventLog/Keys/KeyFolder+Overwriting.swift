import Glibc
import LMDB

extension KeyFolder {
    private static let pieceBytes = 1 << 20

    /// Writes zeros over all of a file, in place, and waits until they are on the disk.
    static func overwrite(_ path: String) throws(LogError) {
        try inPlace(path) { (descriptor, bytes) throws(LogError) in
            let zeros = [UInt8](repeating: 0, count: pieceBytes)
            for at in stride(from: 0, to: bytes, by: pieceBytes) {
                try write(zeros[..<min(pieceBytes, bytes - at)], to: descriptor, at: at, path)
            }
        }
    }

    /// Writes zeros over every value in a data file, and over all that is not in use, and waits likewise. Of its keys and pages what a search
    /// needs is left: for a file that somebody is in the middle of a search in.
    static func overwriteValues(_ path: String) throws(LogError) {
        try inPlace(path) { (descriptor, bytes) throws(LogError) in
            var pageBytes = 0
            for at in stride(from: 0, to: bytes, by: pieceBytes) {
                let piece = try read(min(pieceBytes, bytes - at), from: descriptor, at: at, path)
                if at == 0 {
                    // No data file, or one that was overwritten in part before: nobody finds a way through it.
                    guard let found = DataPage.bytes(ofFirst: piece) else { return try overwrite(path) }
                    pageBytes = found
                }
                var fresh: [UInt8] = []
                fresh.reserveCapacity(piece.count)
                for start in stride(from: 0, to: piece.count, by: pageBytes) {
                    let page = Array(piece[start..<min(start + pageBytes, piece.count)])
                    fresh += DataPage.withoutValues(page, number: UInt64((at + start) / pageBytes))
                }
                try write(fresh[...], to: descriptor, at: at, path)
            }
        }
    }

    private static func inPlace(
        _ path: String, _ body: (_ descriptor: Int32, _ bytes: Int) throws(LogError) -> Void
    ) throws(LogError) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(code: errno, operation: "stat \(path)") }
        try body(descriptor, Int(status.st_size))
        guard fsync(descriptor) == 0 else { throw .system(code: errno, operation: "fsync \(path)") }
    }

    private static func write(
        _ bytes: ArraySlice<UInt8>, to descriptor: Int32, at: Int, _ path: String
    ) throws(LogError) {
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + done, $0.count - done, off_t(at + done))
            }
            if wrote < 0, errno == EINTR { continue }
            guard wrote > 0 else { throw .system(code: errno, operation: "write \(path)") }
            done += wrote
        }
    }

    private static func read(
        _ count: Int, from descriptor: Int32, at: Int, _ path: String
    ) throws(LogError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + filled, count - filled, off_t(at + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw .system(code: got < 0 ? errno : EIO, operation: "read \(path)") }
            filled += got
        }
        return bytes
    }
}
