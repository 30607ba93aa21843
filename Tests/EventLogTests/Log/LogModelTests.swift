import EventLog
import Testing
import Wire

/// Random appends, conditions, duplicates, reads and reopenings, against a plain list.
@Suite struct LogModelTests {
    /// What the log should be, as simply as can be said.
    struct Model {
        struct Row {
            var recordClass: RecordClass
            var advances: Bool
            var stream: StreamToken
            var slot: KeySlot
            var message: MessageKey?
            var part: [UInt8]
            var recordedAt: Instant
        }

        var rows: [Row] = []

        func head(_ recordClass: RecordClass) -> Position {
            Position(UInt64((rows.lastIndex { $0.recordClass == recordClass } ?? -1) + 1))
        }
        func version(_ stream: StreamToken) -> Position {
            Position(UInt64((rows.lastIndex { $0.advances && $0.stream == stream } ?? -1) + 1))
        }
        func slot(_ stream: StreamToken) -> KeySlot? {
            rows.last { $0.stream == stream && $0.slot >= .firstFree }?.slot
        }
        func same(_ key: MessageKey) -> Position? {
            rows.firstIndex { $0.message == key }.map { Position(UInt64($0 + 1)) }
        }
        func other(_ key: MessageKey) -> Position? {
            rows.lastIndex {
                $0.message.map { $0.id == key.id && $0.order == key.order && $0 != key } ?? false
            }
            .map { Position(UInt64($0 + 1)) }
        }
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func theLogDoesWhatAPlainListDoes(seed: UInt64) throws {
        var numbers = SeededGenerator(seed: seed)
        let scratch = ScratchLog()
        let options = ScratchLog.options(segmentRecords: 40)
        var log = try scratch.create(options: options)
        var model = Model()
        model.rows.append(
            .init(
                recordClass: .storeCreated, advances: false, stream: .none, slot: .region, message: nil,
                part: [1, 2, 3], recordedAt: try log.time(of: Position(1))))
        for step in 0..<300 {
            switch Int.random(in: 0..<20, using: &numbers) {
            case 0:
                log.close()
                log = try scratch.open(options: options)
            case 1: #expect(try log.verify().isSound, "seed \(seed) step \(step)")
            default: try append(log, &model, &numbers, "seed \(seed) step \(step)")
            }
            try compare(log, model, &numbers, "seed \(seed) step \(step)")
        }
        log.close()
    }

    func append(_ log: EventLog, _ model: inout Model, _ numbers: inout SeededGenerator, _ at: String) throws
    {
        var unit: [Proposal] = []
        var expected: [String] = []
        let before = model
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            var rows: [Model.Row] = []
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
                        part: [UInt8](repeating: 5, count: .random(in: 1...700, using: &numbers)),
                        recordedAt: .distantPast))
            }
            let conditions = self.conditions(before, &numbers)
            unit.append(try proposal(rows, conditions))
            expected.append(outcome(rows, conditions, before, &model))
        }
        let outcomes = try log.appendAndWait(unit)
        for i in model.rows.indices where model.rows[i].recordedAt == .distantPast {
            model.rows[i].recordedAt = try log.time(of: Position(UInt64(i + 1)))
        }
        let told = outcomes.map { outcome in
            switch outcome {
            case .appended(let a): "\(a.first) \(a.sameIDOtherBytes?.value ?? 0)"
            case .duplicate(let of, _): "duplicate \(of)"
            case .refused(let condition, let movedAt): "refused \(condition) \(movedAt)"
            }
        }
        #expect(told == expected, "\(at)")
    }

    func conditions(_ model: Model, _ numbers: inout SeededGenerator) -> [Condition] {
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

    func proposal(_ rows: [Model.Row], _ conditions: [Condition]) throws -> Proposal {
        try Proposal(
            records: rows.map { row in
                try Draft.record(
                    row.recordClass, flags: row.advances ? .advancesStream : [], stream: row.stream,
                    slotA: row.slot,
                    message: row.message, partA: row.part)
            }, conditions: conditions)
    }

    /// Applies a proposal to the model, and says what becomes of it.
    func outcome(_ rows: [Model.Row], _ conditions: [Condition], _ before: Model, _ model: inout Model)
        -> String
    {
        for condition in conditions {
            let (head, moved) =
                switch condition {
                case .classUnchanged(let c, let since): (before.head(c), before.head(c) > since)
                case .streamUnchanged(let s, let since): (before.version(s), before.version(s) > since)
                case .expectedVersion(let s, let version): (before.version(s), before.version(s) != version)
                }
            if moved { return "refused \(condition) \(head)" }
        }
        var other: Position?
        if let key = rows[0].message {
            if let same = model.same(key) { return "duplicate \(same)" }
            other = model.other(key)
        }
        let first = Position(UInt64(model.rows.count + 1))
        model.rows.append(contentsOf: rows)
        return "\(first) \(other?.value ?? 0)"
    }

    func compare(_ log: EventLog, _ model: Model, _ numbers: inout SeededGenerator, _ at: String) throws {
        #expect(try log.head.position == Position(UInt64(model.rows.count)), "\(at)")
        let place = Int.random(in: 0..<model.rows.count, using: &numbers)
        let record = try log.read(at: Position(UInt64(place + 1)))
        #expect(Array(record.partA) == model.rows[place].part, "\(at)")
        #expect(record.header.message == model.rows[place].message, "\(at)")
        let stream = Draft.stream(.random(in: 0..<9, using: &numbers))
        #expect(try log.streamHead(stream) == model.version(stream), "\(at)")
        #expect(try log.slot(of: stream) == model.slot(stream), "\(at)")
        let recordClass = RecordClass(rawValue: .random(in: 1...9, using: &numbers))
        #expect(try log.classHead(recordClass) == model.head(recordClass), "\(at)")
        let key = Draft.message(
            .random(in: 0..<60, using: &numbers), digest: .random(in: 0..<2, using: &numbers))
        #expect(try log.position(of: key) == model.same(key), "\(at)")
        let time = model.rows[place].recordedAt
        let resolved = model.rows.lastIndex { $0.recordedAt <= time }.map { Position(UInt64($0 + 1)) }
        #expect(try log.resolve(time) == resolved, "\(at)")
    }
}
