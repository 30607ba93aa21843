import CareRecord
import Projections
import Wire

/// One receipt out of the trail.
public struct Access: Sendable {
    public var position: Position
    public var recordedAt: Instant
    public var receipt: Receipt
    /// What tells about the patient; nil where there is none, and once a key of theirs was destroyed.
    public var detail: ReceiptDetail?
    /// Whether the reader is told how much was withheld.
    public internal(set) var tellsWithheld = true
}

/// What `access list` asks.
public struct TrailRequest: Sendable {
    public var patient: PatientReference?
    public var user: String?
    /// Inclusive bounds on when the receipt was recorded.
    public var from: When?
    public var to: When?
    /// Only those that stand after it: where the page before ended.
    public var after: Position?
    /// Receipts of one page; nil: all there are.
    public var count: Int?
    public var asker: Asker

    /// Receipts that one page looks at, at most.
    static let maximumLook = 5000
    /// Receipts of a page, at most.
    public static let maximumCount = 500

    public init(
        patient: PatientReference? = nil, user: String? = nil, from: When? = nil, to: When? = nil,
        after: Position? = nil, count: Int? = nil, asker: Asker
    ) {
        (self.patient, self.user, self.from, self.to, self.asker) = (patient, user, from, to, asker)
        (self.after, self.count) = (after, count)
    }

    /// The question in one line, as its receipt keeps it.
    var query: String {
        let scope = [
            patient.map { "patient=\($0)" }, user.map { "user=\($0)" }, from.map { "from=\($0)" },
            to.map { "to=\($0)" }, after.map { "after=\($0)" },
        ]
        return (["access list"] + scope.compactMap(\.self)).joined(separator: " ")
    }
}

/// Receipts out of the trail, in their order, and where the next ones begin.
struct AccessPage: Sendable {
    var items: [Access] = []
    /// What the page after this one comes after; nil where this is the last.
    var next: Position?
    /// Up to where the trail was read.
    var position: Position
    /// Of this reading.
    var receipt = Position.start

    init(position: Position) { self.position = position }
}
