import Wire

/// What a day brings, put in order: files of messages, files of facts, and accesses.
struct DaySheet {
    struct Message {
        var delivered: Instant
        var source: String
        var format: Delivery.Format
        var bytes: [UInt8]
    }

    private enum Entry {
        case message(Message)
        case fact(SharingFact)
        case access(Look)
        case region(RegionDocument, String)
    }

    private var entries: [(time: Instant, entry: Entry)] = []
    let day: Day

    init(_ day: Day) { self.day = day }

    mutating func add(_ message: Message) { entries.append((message.delivered, .message(message))) }
    mutating func add(_ fact: SharingFact, at time: Instant) { entries.append((time, .fact(fact))) }
    mutating func add(_ access: Look, at time: Instant) { entries.append((time, .access(access))) }
    mutating func add(_ region: RegionDocument, why: String, at time: Instant) {
        entries.append((time, .region(region, why)))
    }

    /// The steps, each at least a second after the one before. Facts that follow each other go in one file, and so do messages that a
    /// source delivers at one time.
    func steps(after last: Instant) -> [Step] {
        // Equal times keep the order in which they were added.
        let order = entries.indices.sorted { (entries[$0].time, $0) < (entries[$1].time, $1) }
        var steps: [Step] = []
        var facts: [SharingFact] = []
        var previous = last
        var number = 0
        func name(_ time: Instant) -> String { String(time.rfc3339.prefix(16).filter { $0.isNumber }) }
        func put(_ time: Instant, _ make: (Instant) -> Step.Action) {
            previous = max(time, Instant(microseconds: previous.microseconds + 1_000_000))
            steps.append(Step(previous, make(previous)))
        }
        func flush(_ time: Instant) {
            guard !facts.isEmpty else { return }
            number += 1
            put(time) { .sharing(facts, file: "sharing-\(name($0))-\(number).yaml") }
            facts = []
        }
        var taken = entries.startIndex
        var delivered: Set<String> = []
        while taken < order.endIndex {
            let (time, entry) = entries[order[taken]]
            if case .fact(let fact) = entry {
                facts.append(fact)
            } else {
                flush(time)
                switch entry {
                case .access(let access): put(time) { _ in .access(access) }
                case .region(let document, let why):
                    put(time) { _ in
                        let isFirst = day.index == 0
                        return .region(
                            document, file: "region-\(day.text)-\(why).yaml",
                            approvedBy: isFirst ? nil : "guardian-ccg")
                    }
                case .message(let message):
                    let key = "\(message.source) \(time)"
                    if delivered.insert(key).inserted {
                        let together = order[taken...].compactMap { index -> [UInt8]? in
                            guard entries[index].time == time,
                                case .message(let other) = entries[index].entry,
                                other.source == message.source
                            else { return nil }
                            return other.bytes
                        }
                        let suffix = message.format == .fhir ? "ndjson" : "hl7"
                        put(time) { moment in
                            .messages(
                                Delivery(
                                    source: message.source, format: message.format,
                                    file: "\(message.source)-\(name(moment)).\(suffix)", messages: together))
                        }
                    }
                case .fact: break
                }
            }
            taken += 1
        }
        if let end = order.last { flush(entries[end].time) }
        return steps
    }
}
