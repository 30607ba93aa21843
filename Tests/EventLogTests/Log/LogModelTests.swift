import EventLog
import Seeded
import Testing
import Wire

/// Random appends, conditions, duplicates, reads and reopenings, against a plain list.
@Suite struct LogModelTests {
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func theLogDoesWhatAPlainListDoes(seed: UInt64) throws {
        var numbers = SplitMix64(seed: seed)
        let scratch = ScratchLog()
        let options = ScratchLog.options(segmentRecords: 40)
        var log = try scratch.create(options: options)
        var model = LogModel()
        model.rows[0].recordedAt = try log.time(of: Position(1))
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

    func append(
        _ log: EventLog, _ model: inout LogModel, _ numbers: inout SplitMix64, _ at: String
    ) throws {
        let append = LogAppend(model, &numbers)
        let expected = model.apply(append)
        let told = LogModel.told(try log.appendAndWait(try append.unit()))
        for i in model.rows.indices where model.rows[i].recordedAt == .distantPast {
            model.rows[i].recordedAt = try log.time(of: Position(UInt64(i + 1)))
        }
        #expect(told == expected, "\(at)")
    }

    func compare(_ log: EventLog, _ model: LogModel, _ numbers: inout SplitMix64, _ at: String) throws {
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
