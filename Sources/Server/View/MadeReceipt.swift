import EventLog
import Projections

/// An answer and its receipt, made and not durable yet: nothing of either may leave.
struct MadeReceipt: Sendable {
    var answer: ViewAnswer
    var body: [UInt8]
    var receipt: Receipt
    var proposal: Proposal
    /// When it was begun: a receipt's time is measured from there until it is durable.
    var begun: ContinuousClock.Instant
}
