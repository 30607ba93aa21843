/// The log's named limits.
public enum LogLimits {
    /// The most bytes of one record: header and sealed parts.
    public static let recordBytes = 64 << 20
    /// The most records of one proposal (one source message).
    public static let proposalRecords = 1 << 20
    /// The most bytes of one unit (one append call).
    public static let unitBytes = 256 << 20
    /// Bytes of a header.
    public static let headerBytes = RecordHeader.byteCount
}
