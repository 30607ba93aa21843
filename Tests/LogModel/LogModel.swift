import EventLog
import Wire

/// What the log should be, as simply as can be said: a list.
public struct LogModel: Sendable {
    public struct Row: Sendable {
        public var recordClass: RecordClass
        public var advances: Bool
        public var stream: StreamToken
        public var slot: KeySlot
        public var message: MessageKey?
        public var part: [UInt8]
        /// Known once the log was asked.
        public var recordedAt: Instant
    }

    public var rows: [Row] = []

    /// A log with its first record.
    public init() {
        rows = [
            Row(
                recordClass: .storeCreated, advances: false, stream: .none, slot: .region, message: nil,
                part: [1, 2, 3], recordedAt: .distantPast)
        ]
    }

    public func head(_ recordClass: RecordClass) -> Position {
        Position(UInt64((rows.lastIndex { $0.recordClass == recordClass } ?? -1) + 1))
    }
    public func version(_ stream: StreamToken) -> Position {
        Position(UInt64((rows.lastIndex { $0.advances && $0.stream == stream } ?? -1) + 1))
    }
    public func slot(_ stream: StreamToken) -> KeySlot? {
        rows.last { $0.stream == stream && $0.slot >= .firstFree }?.slot
    }
    public func same(_ key: MessageKey) -> Position? {
        rows.firstIndex { $0.message == key }.map { Position(UInt64($0 + 1)) }
    }
    public func other(_ key: MessageKey) -> Position? {
        rows.lastIndex {
            $0.message.map { $0.id == key.id && $0.order == key.order && $0 != key } ?? false
        }
        .map { Position(UInt64($0 + 1)) }
    }

    /// Applies an append call, and says what becomes of each of its proposals, as `told` says it of the log's answers.
    public mutating func apply(_ append: LogAppend) -> [String] {
        let before = self
        return append.proposals.map { apply($0, before) }
    }

    private mutating func apply(_ proposal: LogAppend.Proposed, _ before: LogModel) -> String {
        for condition in proposal.conditions {
            let (head, moved) =
                switch condition {
                case .classUnchanged(let c, let since): (before.head(c), before.head(c) > since)
                case .streamUnchanged(let s, let since): (before.version(s), before.version(s) > since)
                case .expectedVersion(let s, let version): (before.version(s), before.version(s) != version)
                }
            if moved { return "refused \(condition) \(head)" }
        }
        var other: Position?
        if let key = proposal.rows[0].message {
            if let same = same(key) { return "duplicate \(same)" }
            other = self.other(key)
        }
        let first = Position(UInt64(rows.count + 1))
        rows.append(contentsOf: proposal.rows)
        return "\(first) \(other?.value ?? 0)"
    }

    /// What the log answered, in the words of `apply`.
    public static func told(_ outcomes: [AppendOutcome]) -> [String] {
        outcomes.map { outcome in
            switch outcome {
            case .appended(let a): "\(a.first) \(a.sameIDOtherBytes?.value ?? 0)"
            case .duplicate(let of, _): "duplicate \(of)"
            case .refused(let condition, let movedAt): "refused \(condition) \(movedAt)"
            }
        }
    }
}
