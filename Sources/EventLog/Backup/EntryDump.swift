import Ciphers
import LMDB
import Wire

/// Entries of an LMDB environment in a file of a backup: the magic, then each entry as it lies there.
///
/// An entry is u8 database (its place in the list) ‖ u16 key length ‖ u32 value length ‖ key ‖ value, database by database, in key order.
struct EntryDump {
    /// Bytes of one entry, at most.
    private static let entryBytes = 1 << 28

    let magic: [UInt8]
    let environment: Environment
    let databases: [Database]

    /// Wrapped keys: `daybook.keys.1`; slots, joints, meta.
    init(keys tables: KeyTables) {
        magic = Array("daybook.keys.1".utf8)
        environment = tables.environment
        databases = [tables.slots, tables.joints, tables.meta]
    }

    /// The log's checkpoints and the key that signs them: `daybook.checkpoints.1`; nil in a log that has no place for any.
    init?(checkpointsOf storage: LogEnvironment) {
        guard let checkpoints = storage.checkpoints else { return nil }
        magic = Array("daybook.checkpoints.1".utf8)
        environment = storage.environment
        databases = [checkpoints]
    }

    /// Writes the entries that are wanted, and syncs the file.
    func write(
        to file: BackupFile, where isWanted: (_ key: [UInt8], _ value: [UInt8]) throws(LogError) -> Bool
    ) throws(LogError) -> Digest {
        try write(to: file) { (database, body) throws(LogError) in
            try environment.eachBatch(of: database) { (entries) throws(LogError) in
                var wanted: [Entry] = []
                for entry in entries where try isWanted(entry.key, entry.value) { wanted.append(entry) }
                try body(wanted)
            }
        }
    }

    /// Writes every key as of one transaction, joint keys and their names alike, and syncs the file.
    func write(
        keys tables: KeyTables, in t: borrowing ReadTransaction, to file: BackupFile
    ) throws(LogError) -> Digest {
        try write(to: file) { (database, body) throws(LogError) in
            try tables.eachBatch(of: database, in: t, body)
        }
    }

    private typealias Entry = (key: [UInt8], value: [UInt8])

    private func write(
        to file: BackupFile,
        _ each: (_ of: Database, _ body: ([Entry]) throws(LogError) -> Void) throws(LogError) -> Void
    ) throws(LogError) -> Digest {
        var hash = SHA256()
        func put(_ bytes: [UInt8]) throws(LogError) {
            hash.update(bytes)
            try file.writePaced(bytes)
        }
        try put(magic)
        for (index, database) in databases.enumerated() {
            try each(database) { (entries) throws(LogError) in
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

    /// Fills the databases, which are empty, from a backup's file.
    ///
    /// - Throws: `damaged` where the file is not the one that the digest is of; nothing can be said of what was filled in then.
    func read(_ path: String, digest: Digest) throws(LogError) {
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
            // Keys that are not in order are not what was written; the digest is only known at the end.
            do throws(LogError) { try fill(batch) } catch .lmdb(let error) where error.isKeyExists {
                throw wrong
            }
            buffer.replaceSubrange(0..<(filled - at), with: Array(buffer[at..<filled]))
            filled -= at
            // An entry longer than the buffer.
            if filled == buffer.count {
                guard buffer.count < Self.entryBytes else { throw wrong }
                buffer += [UInt8](repeating: 0, count: buffer.count)
            }
        }
        guard filled == 0, !isFirst, hash.finish() == digest else { throw wrong }
    }

    private func entries(
        _ buffer: [UInt8], _ at: inout Int, _ end: Int, _ wrong: LogError
    ) throws(LogError) -> [(database: Int, key: [UInt8], value: [UInt8])] {
        var out: [(database: Int, key: [UInt8], value: [UInt8])] = []
        while end - at >= 7 {
            let keyBytes = Int(buffer[at + 1]) << 8 | Int(buffer[at + 2])
            let valueBytes = buffer[(at + 3)..<(at + 7)].reduce(0) { $0 << 8 | Int($1) }
            guard buffer[at] < databases.count, (1...511).contains(keyBytes), valueBytes <= Self.entryBytes
            else { throw wrong }
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

    private func fill(_ entries: [(database: Int, key: [UInt8], value: [UInt8])]) throws(LogError) {
        do throws(LMDBError) {
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                for entry in entries { try t.put(databases[entry.database], entry.key, entry.value, .append) }
            }
        } catch { throw LogError(error) }
    }
}
