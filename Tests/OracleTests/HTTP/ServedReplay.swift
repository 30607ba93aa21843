import EventLog
import Projections
import Wire

@testable import Server

/// Tells the oracle, once all is over, what the log took in which order, and asks it what each answer ought to have been at its position.
struct ServedReplay {
    private(set) var prediction = Prediction()
    private(set) var problems: [String] = []
    private(set) var compared = 0
    private(set) var refused = 0
    private(set) var items = 0

    private let store: Store
    private var written: ArraySlice<WrittenStep>
    private let asked: [UInt64: AskedOverHTTP]
    private let receipts: [UInt64: Receipt]

    init(_ played: ServedHistory) throws {
        store = played.store
        written = played.written[...]
        asked = Dictionary(played.asked.filter { $0.receipt > 0 }.map { ($0.receipt, $0) }) { $1 }
        receipts = Dictionary(
            uniqueKeysWithValues: try store.accesses(TrailRequest(asker: Asker(systemUser: "oracle"))).map {
                ($0.position.value, $0.receipt)
            })
    }

    mutating func run() throws {
        let head = try store.log.head.position.value
        var position: UInt64 = 1
        while position <= head {
            let first = try store.log.header(at: Position(position))
            let count = UInt64(first.batchCount)
            let headers = try (position..<position + count).map { try store.log.header(at: Position($0)) }
            let keys = headers.reversed().prefix { $0.recordClass == .housekeeping }.count
            let classes = headers.dropLast(keys).map(\.recordClass.rawValue)
            try take(at: position, classes, keys: keys, time: first.recordedAt.microseconds)
            guard UInt64(prediction.events.count) == position + count - 1 else {
                throw Problem("\(prediction.events.count) events by \(position + count - 1): \(classes)")
            }
            position += count
        }
        let rest = written.filter {
            if case .message(let one) = $0 { !prediction.isDuplicate(one, line: nil) } else { true }
        }
        if !rest.isEmpty { problems.append("\(rest.count) steps left no record") }
    }

    private mutating func take(at position: UInt64, _ classes: [UInt8], keys: Int, time: Int64) throws {
        if classes.first == Prediction.Class.receipt, let receipt = receipts[position] {
            try compare(at: position, receipt)
            prediction.receipt(
                spent: receipt.spends.map(\.permission.value), alerts: classes.count - 1, keys: keys,
                time: time)
            return
        }
        // The store's own: its making, keys ahead of use, receipts of who was not let in.
        guard let class_ = classes.first, (2...6).contains(class_) else {
            for _ in 0..<(classes.count + keys) { prediction.other(time: time) }
            return
        }
        while case .message(let message)? = written.first, prediction.isDuplicate(message, line: nil) {
            written = written.dropFirst()
        }
        guard let step = written.popFirst() else {
            throw Problem("records that nobody wrote: \(classes)")
        }
        let expected: [UInt8]
        switch step {
        case .region(let spec, let facts):
            expected = Array(repeating: Prediction.Class.regionFact, count: classes.count)
            prediction.apply(spec, facts: facts, count: classes.count + keys, time: time)
        case .facts(let facts):
            expected = Prediction.recordClasses(of: facts)
            prediction.record(facts, keys: keys, time: time)
        case .message(let message):
            expected = prediction.take(message, line: nil, keys: keys, time: time)
        }
        if expected != classes {
            throw Problem("at \(position) classes \(classes), expected \(expected): \(step)")
        }
    }

    private mutating func compare(at position: UInt64, _ receipt: Receipt) throws {
        guard let asked = asked[position] else { return }
        guard asked.position < position else {
            problems.append("an answer at \(asked.position) with its receipt at \(position)")
            return
        }
        let model = ViewModel(
            events: Array(prediction.events.prefix(Int(asked.position))),
            clock: receipt.instant.microseconds)
        let question = Asked(asked.question, events: [])
        if let difference = try asked.difference(
            from: model.answer(question), organisation: receipt.viewer?.organisation)
        {
            problems.append("at \(asked.position), \(question) \(asked.type): \(difference)")
        }
        compared += 1
        if asked.status != 200 { refused += 1 } else { items += asked.total ?? 0 }
    }
}
