import Ciphers
import LMDB
import Wire

/// The keys in a backup: `daybook.keys.1`, then every entry of the key store as it lies there, wrapped.
///
/// An entry is u8 database (0 slots, 1 joints, 2 meta) ‖ u16 key length ‖ u32 value length ‖ key ‖ value, database by database, in key order.
enum KeyDump {
    static let magic = Array("daybook.keys.1".utf8)
    /// Bytes of one entry, at most.
    static let entryBytes = 1 << 28

    /// Writes the entries of a key store that stands still meanwhile: batches of keys may be added, none may be destroyed.
    static func write(_ tables: KeyTables, to file: BackupFile) throws(LogError) -> Digest {
        var hash = SHA256()
        func put(_ bytes: [UInt8]) throws(LogError) {
            hash.update(bytes)
            try file.write(bytes)
        }
        try put(magic)
        for (index, database) in tables.all.enumerated() {
            try tables.eachBatch(of: database) { (entries) throws(LogError) in
                var out = ByteWriter(capacity: entries.count * 96)
                for entry in entries {
                    out.u8(UInt8(index))
                    out.u8(UInt8(entry.key.count >> 8))
                    out.u8(UInt8(entry.key.count & 0xFF))
                    out.u32(UInt32(entry.value.count))
                    out.raw(entry.key)
                    out.raw(entry.value)
                }
                try put(out.bytes)
            }
        }
        try file.sync()
        return hash.finish()
    }

    /// Fills an empty key store from a backup's file.
    ///
    /// - Throws: `damaged` where the file is not the one that the digest is of; nothing can be said of what was filled in then.
    static func read(
        _ path: String, digest: Digest, into tables: KeyTables
    ) throws(LogError) {
        let file = try BackupFile(reading: path)
        var (hash, buffer, filled) = (SHA256(), [UInt8](repeating: 0, count: 4 << 20), 0)
        let wrong = LogError.damaged(what: "\(path) is not what the backup wrote")
        var isFirst = true
        while true {
            let count = try file.read(into: &buffer, from: filled)
            if count == 0 { break }
            hash.update(Array(buffer[filled..<filled + count]))
            filled += count
            var at = 0
            if isFirst {
                guard filled >= magic.count else { continue }
                guard buffer[..<magic.count].elementsEqual(magic) else { throw wrong }
                (at, isFirst) = (magic.count, false)
            }
            let batch = try entries(buffer, &at, filled, wrong)
            try tables.fill(batch)
            buffer.replaceSubrange(0..<(filled - at), with: Array(buffer[at..<filled]))
            filled -= at
            // An entry longer than the buffer.
            if filled == buffer.count {
                guard buffer.count < entryBytes else { throw wrong }
                buffer += [UInt8](repeating: 0, count: buffer.count)
            }
        }
        guard filled == 0, !isFirst, hash.finish() == digest else { throw wrong }
    }

    private static func entries(
        _ buffer: [UInt8], _ at: inout Int, _ end: Int, _ wrong: LogError
    ) throws(LogError) -> [(database: Int, key: [UInt8], value: [UInt8])] {
        var out: [(database: Int, key: [UInt8], value: [UInt8])] = []
        while end - at >= 7 {
            let keyBytes = Int(buffer[at + 1]) << 8 | Int(buffer[at + 2])
            let valueBytes = buffer[(at + 3)..<(at + 7)].reduce(0) { $0 << 8 | Int($1) }
            guard buffer[at] < 3, (1...511).contains(keyBytes), valueBytes <= entryBytes else { throw wrong }
            guard end - at >= 7 + keyBytes + valueBytes else { break }
            let key = at + 7
            out.append(
                (
                    Int(buffer[at]), Array(buffer[key..<key + keyBytes]),
                    Array(buffer[(key + keyBytes)..<(key + keyBytes + valueBytes)])
                ))
            at = key + keyBytes + valueBytes
        }
        return out
    }
}

extension KeyTables {
    /// In the order that a backup numbers them.
    var all: [Database] { [slots, joints, meta] }

    fileprivate func fill(_ entries: [(database: Int, key: [UInt8], value: [UInt8])]) throws(LogError) {
        try LogError.keys { () throws(LMDBError) in
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                for entry in entries { try t.put(all[entry.database], entry.key, entry.value, .append) }
            }
        }
    }
}
