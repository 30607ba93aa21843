import Projections
import Wire

/// An answer whose receipt is durable: only now may its bytes leave.
public struct ReceiptedAnswer: Sendable {
    public var answer: ViewAnswer
    public var receipt: Receipt
    /// Where the receipt stands in the log.
    public var receiptPosition: Position
    /// The JSON, receipt included.
    public var json: [UInt8]

    /// Refused: exit status 3.
    public var isRefusal: Bool { !answer.permitted }
}
