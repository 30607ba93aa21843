import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// What an erasure would take, found before any of it is touched.
public struct ErasurePlan: Sendable {
    /// One stream and the key that dies.
    struct Target: Hashable, Sendable {
        var stream: StreamToken
        var slot: KeySlot
        var kind: ErasureOrder.Target
        /// The quarantined message, where it is one.
        var closes: Position?
    }

    var targets: [Target]
    /// The subjects that are erased.
    public var subjects: [SubjectID]
    /// Subjects linked with them that stay.
    public var staying: [SubjectID]
    /// NHS numbers whose facts lose their reasons and evidence.
    public var numbers: Int
    /// Quarantined messages that name the person, as `quarantine list` names them.
    public var quarantined: [String]
    var head: LogHead

    /// Eight hexadecimal digits that stand for all it takes.
    public var code: String {
        var hash = SHA256()
        for target in targets.sorted(by: { $0.stream < $1.stream }) {
            hash.update(target.stream.bytes)
            hash.update(Array("\(target.slot.value)/".utf8))
        }
        return String(hash.finish().hex.prefix(8))
    }
}

/// What an erasure did.
public struct ErasureReport: Sendable {
    public var plan: ErasurePlan
    /// The orders in the log.
    public var ordered: AppendOutcome.Appended
    /// The record that the keys are destroyed.
    public var destroyed: Position
}
