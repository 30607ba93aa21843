import Ciphers
import Wire

/// A record out of the log: its header, and its sealed parts one after the other.
public struct StoredRecord: Sendable, Hashable {
    public var header: RecordHeader
    /// Sealed part A ‖ sealed part B.
    public var parts: [UInt8]

    public init(header: RecordHeader, parts: [UInt8]) { (self.header, self.parts) = (header, parts) }

    public var partA: ArraySlice<UInt8> { parts.prefix(Int(header.lengthA)) }
    public var partB: ArraySlice<UInt8> { parts.dropFirst(Int(header.lengthA)) }
}

/// A record where it lies in the map: good inside the closure it is given to, and nowhere else.
public struct StoredRecordView: ~Copyable {
    public let header: RecordHeader
    let bytes: UnsafeRawBufferPointer

    /// Parses and checks a stored record: its header, its position, and that its bytes are the parts it names.
    ///
    /// - Parameter checkingParts: whether the parts are hashed too. The header's CRC alone does not cover them.
    init(_ bytes: UnsafeRawBufferPointer, at position: Position, checkingParts: Bool) throws(LogError) {
        let parsed = try RecordHeader(parsing: bytes, at: position)
        if bytes.count != parsed.recordBytes {
            throw .corrupt(position: position, what: "\(bytes.count) bytes, not \(parsed.recordBytes)")
        }
        if checkingParts {
            let parts = bytes[RecordHeader.byteCount...]
            try Self.check(parts.prefix(Int(parsed.lengthA)), "A", parsed.hashA, position)
            try Self.check(parts.dropFirst(Int(parsed.lengthA)), "B", parsed.hashB, position)
        }
        (header, self.bytes) = (parsed, bytes)
    }

    private static func check(
        _ part: Slice<UnsafeRawBufferPointer>, _ name: StaticString, _ hash: Digest, _ position: Position
    ) throws(LogError) {
        let found = part.isEmpty ? .zero : SHA256.hash(UnsafeRawBufferPointer(rebasing: part))
        if found != hash {
            throw .corrupt(position: position, what: "part \(name) is not what the header names")
        }
    }

    /// Sealed part A in place; empty where there is none.
    public func withPartA<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(partA)
    }

    /// Sealed part B in place; empty where there is none.
    public func withPartB<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(partB)
    }

    /// A copy that outlives the closure.
    public func copied() -> StoredRecord {
        StoredRecord(header: header, parts: [UInt8](bytes[RecordHeader.byteCount...]))
    }

    var partA: UnsafeRawBufferPointer {
        let start = RecordHeader.byteCount
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(header.lengthA)])
    }

    var partB: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[(RecordHeader.byteCount + Int(header.lengthA))...])
    }
}
