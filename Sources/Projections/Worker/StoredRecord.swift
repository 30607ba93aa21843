import EventLog
import Wire

/// A record out of the log: its header, and its sealed parts one after the other.
public struct StoredRecord: Sendable {
    public var header: RecordHeader
    public var parts: [UInt8]

    public init(header: RecordHeader, parts: [UInt8]) { (self.header, self.parts) = (header, parts) }

    public var partA: ArraySlice<UInt8> { parts.prefix(Int(header.lengthA)) }
    public var partB: ArraySlice<UInt8> { parts.dropFirst(Int(header.lengthA)) }
}
