import EventLog
import Seeded
import Wire

/// One random append call: proposals with messages sent twice, other bytes under one id, and conditions that hold or
/// don't. The same numbers and the same model give the same call.
public struct LogAppend: Sendable {
    public struct Proposed: Sendable {
        public var rows: [LogModel.Row]
        public var conditions: [Condition]
    }

    public var proposals: [Proposed]

    public init(_ model: LogModel, _ numbers: inout SplitMix64) {
        proposals = []
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            var rows: [LogModel.Row] = []
            for i in 0..<Int.random(in: 1...3, using: &numbers) {
                let id = UInt64.random(in: 0..<60, using: &numbers)
                let key = Draft.message(id, digest: .random(in: 0..<2, using: &numbers))
                rows.append(
                    .init(
                        recordClass: RecordClass(rawValue: .random(in: 2...8, using: &numbers)),
                        advances: .random(using: &numbers),
                        stream: Draft.stream(.random(in: 0..<9, using: &numbers)),
                        slot: KeySlot(.random(in: 1...30, using: &numbers)),
                        message: i == 0 && .random(using: &numbers) ? key : nil,
                        part: [UInt8](repeating: 5, count: Self.size(&numbers)), recordedAt: .distantPast))
            }
            proposals.append(Proposed(rows: rows, conditions: Self.conditions(model, &numbers)))
        }
    }

    /// Mostly small; now and then one that needs pages of its own.
    private static func size(_ numbers: inout SplitMix64) -> Int {
        Int.random(in: 0..<12, using: &numbers) == 0
            ? .random(in: 4000...20_000, using: &numbers) : .random(in: 1...700, using: &numbers)
    }

    private static func conditions(_ model: LogModel, _ numbers: inout SplitMix64) -> [Condition] {
        guard Int.random(in: 0..<3, using: &numbers) == 0 else { return [] }
        let since = Position(.random(in: 0...UInt64(model.rows.count), using: &numbers))
        let stream = Draft.stream(.random(in: 0..<9, using: &numbers))
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0:
            return [.classUnchanged(RecordClass(rawValue: .random(in: 2...9, using: &numbers)), since: since)]
        case 1: return [.streamUnchanged(stream, since: since)]
        default: return [.expectedVersion(stream, .random(using: &numbers) ? model.version(stream) : since)]
        }
    }

    /// As the log takes it.
    public func unit() throws -> [Proposal] {
        try proposals.map { draft in
            try Proposal(
                records: draft.rows.map { row in
                    try Draft.record(
                        row.recordClass, flags: row.advances ? .advancesStream : [], stream: row.stream,
                        slotA: row.slot, message: row.message, partA: row.part)
                }, conditions: draft.conditions)
        }
    }
}
