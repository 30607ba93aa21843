import EventLog
import Testing
import Wire

/// What clients were told is durable, and what the log must therefore hold.
struct Acknowledged {
    private(set) var positions: [TortureMessage: Position] = [:]
    /// The last number each client was told of.
    private(set) var last: [UInt64: UInt64] = [:]

    /// Takes in lines "position client number"; others are not acknowledgements.
    mutating func add(_ lines: [String]) {
        for line in lines {
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            guard numbers.count == 3 else { continue }
            let message = TortureMessage(client: numbers[1], number: numbers[2])
            let position = Position(numbers[0])
            if let before = positions[message], before != position {
                Issue.record("\(message) was acknowledged at \(before), and again at \(position)")
            }
            positions[message] = position
            last[message.client] = max(last[message.client] ?? 0, message.number)
        }
    }

    /// Reads the whole log: every acknowledged message at its position, none twice, no client's gap, no position's gap;
    /// and verify is content.
    func check(_ log: EventLog, _ context: String) throws {
        let head = try log.head.position
        var found: [TortureMessage: Position] = [:]
        for number in 2..<max(2, head.value + 1) {
            let record = try log.read(at: Position(number))
            guard let message = TortureMessage(part: record.partA), Array(record.partA) == message.part else {
                Issue.record("\(context): position \(number) holds what nobody sent")
                continue
            }
            if let twice = found.updateValue(Position(number), forKey: message) {
                Issue.record("\(context): \(message) stands at \(twice) and at \(number)")
            }
        }
        for (message, position) in positions where found[message] != position {
            Issue.record(
                "\(context): \(message), acknowledged at \(position), is \(found[message]?.description ?? "lost")"
            )
        }
        for (client, messages) in Dictionary(grouping: found.keys, by: \.client) {
            let numbers = messages.map(\.number).sorted()
            let isWhole = zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }
            #expect(isWhole && numbers.first == 1, "\(context): client \(client) has a gap")
        }
        if let (message, position) = positions.first {
            #expect(try log.position(of: message.key) == position, "\(context): the index")
        }
        let report = try log.verify()
        #expect(report.isSound, "\(context): \(report.problems) \(report.indexProblems)")
    }
}
