import Wire

/// Reads the records of a backup's segment, one after the other.
final class SegmentReader {
    private let file: BackupFile
    private var buffer = [UInt8](repeating: 0, count: 4 << 20)
    private var (at, filled) = (0, 0)

    init(_ path: String) throws(LogError) { file = try BackupFile(reading: path) }

    /// - Returns: nil at the end.
    /// - Throws: `damaged` where it is cut short, or a length is past the limit.
    func next() throws(LogError) -> [UInt8]? {
        guard try fill(4) else {
            if filled == at { return nil }
            throw .damaged(what: "\(file.path) is cut short")
        }
        let length = buffer[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
        guard (RecordHeader.byteCount...LogLimits.recordBytes).contains(length), try fill(4 + length) else {
            throw .damaged(what: "\(file.path) is cut short, or not a backup's")
        }
        defer { at += 4 + length }
        return Array(buffer[(at + 4)..<(at + 4 + length)])
    }

    /// Has so many bytes from `at` on; false where the file has fewer.
    private func fill(_ wanted: Int) throws(LogError) -> Bool {
        if filled - at >= wanted { return true }
        buffer.replaceSubrange(0..<(filled - at), with: Array(buffer[at..<filled]))
        (at, filled) = (0, filled - at)
        if buffer.count < wanted { buffer += [UInt8](repeating: 0, count: wanted - buffer.count) }
        while filled < wanted {
            let count = try file.read(into: &buffer, from: filled)
            if count == 0 { return false }
            filled += count
        }
        return true
    }
}
