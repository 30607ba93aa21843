import Wire

/// Whether a source's silence means anything: the same list for every patient.
public struct SourceStatus: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable {
        case live, late, down, never
        case noAgreement = "no-agreement"
    }

    /// ODS code.
    public var source: String
    public var status: Status
    /// When its last update was recorded.
    public var last: Instant?

    public init(source: String, status: Status, last: Instant?) {
        (self.source, self.status, self.last) = (source, status, last)
    }
}
