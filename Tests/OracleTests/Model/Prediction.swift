/// What a step must leave in the log, predicted from everything before it.
struct Prediction {
    /// Records of one batch, by class: as the format's table numbers them.
    struct Batch: Equatable {
        var classes: [UInt8]
    }

    enum Class {
        static let regionFact: UInt8 = 2
        static let patientFact: UInt8 = 3
        static let sourceUpdate: UInt8 = 4
        static let quarantined: UInt8 = 5
        static let identity: UInt8 = 6
        static let receipt: UInt8 = 7
        /// At the end of a batch it names keys, and changes no view (decision 10): it is counted, not predicted.
        static let housekeeping: UInt8 = 8
        static let alert: UInt8 = 9
    }

    private(set) var events: [LoggedEvent]
    private(set) var region: RegionSpec?
    /// Every organisation that a region file ever listed.
    private(set) var listed: Set<String> = []
    private var taken: Set<String> = []
    /// When the newest word was said on what a message may say without changing it: a practice's registration, a joint of two.
    private(set) var newestWords: [String: Int64] = [:]

    init() { events = [] }

    /// Whether the store must answer "duplicate": same source, same id, same bytes.
    func isDuplicate(_ message: MessageSpec, line: Int?) -> Bool { taken.contains(Self.key(message, line)) }

    private static func key(_ message: MessageSpec, _ line: Int?) -> String {
        let id = message.identifier.map { "id \($0)" } ?? "file \(message.file) \(line ?? 0)"
        return "\(message.source) \(id) \(message.bytes)"
    }

    /// The events of a message that isn't a duplicate, as the store must have written them.
    mutating func take(_ message: MessageSpec, line: Int?, keys: Int = 0, time: Int64) -> [UInt8] {
        taken.insert(Self.key(message, line))
        guard message.fate == .taken, let subject = message.patient else {
            append([.nothing] + Self.named(keys), time: time)
            return [Class.quarantined]
        }
        let position = UInt64(events.count) + 1
        let (own, left) = attributed(message, subject, now: time)
        let update = LoggedEvent.What.update(own, about: subject)
        var trial = events
        trial.append(
            LoggedEvent(
                position: position, time: time, batchFirst: position, batchLast: position, what: update))
        let links = Identity(events: trial, placeholders: region?.placeholders ?? [])
            .linksCompleted(by: message, at: position, region: region)
        let facts = visitFacts(message, subject, now: time) + careFacts(message, subject, now: time)
        let joint = joint(message, subject, now: time)
        for word in registrationWords(message, subject, now: time) + joint.words {
            newestWords[word.about] = max(newestWords[word.about] ?? word.said, word.said)
        }
        // A message that names two leaves its bytes under a key of both; one that takes items from another a record there.
        let beside = message.namesTwo ? [.nothing] : left.map { LoggedEvent.What.update($0.1, about: $0.0) }
        let identities =
            links.map { LoggedEvent.What.link($0.0, $0.1) } + retiredReview(message, subject)
            + joint.reviews.map { .review($0) } + joint.facts.map { .fact($0) }
        append(
            [update] + beside + identities + facts.map { .fact($0) } + Self.named(joint.alerts + keys),
            time: time)
        return [Class.sourceUpdate] + beside.map { _ in Class.sourceUpdate }
            + identities.map { _ in Class.identity } + facts.map { _ in Class.patientFact }
            + Array(repeating: Class.alert, count: joint.alerts)
    }

    mutating func apply(_ spec: RegionSpec, facts: [String: UInt64], count: Int, time: Int64) {
        guard count > 0 else { return }
        region = spec
        listed.formUnion(spec.organisations.map(\.ods))
        let rest = Array(repeating: LoggedEvent.What.nothing, count: count - 1)
        append(rest + [.region(spec, facts: facts)], time: time)
    }

    private static func named(_ keys: Int) -> [LoggedEvent.What] { Array(repeating: .nothing, count: keys) }

    mutating func record(_ facts: [FactSpec], keys: Int = 0, time: Int64) {
        let alerts = Self.recordClasses(of: facts).filter { $0 == Class.alert }
        append(facts.map { .fact($0) } + alerts.map { _ in .nothing } + Self.named(keys), time: time)
    }

    mutating func receipt(spent: [UInt64], alerts: Int, keys: Int = 0, time: Int64) {
        append([.receipt(spent: spent)] + Self.named(alerts + keys), time: time)
    }

    mutating func found(receipts: Int, keys: Int, time: Int64) {
        append(Array(repeating: .receipt(spent: []), count: receipts) + Self.named(keys), time: time)
    }

    /// One of the queue, decided: what is said of the two, and where the review was opened, where one was.
    mutating func decided(_ fact: FactSpec?, opened: UInt64?, alerts: Int, keys: Int, time: Int64) {
        append(
            [fact.map { .fact($0) }, opened.map { .reviewDecided($0) }].compactMap(\.self)
                + Self.named(alerts + keys),
            time: time)
    }

    /// The records of a policy file: its facts, then an alert for each that raises one.
    static func recordClasses(of facts: [FactSpec]) -> [UInt8] {
        let raising = facts.filter { fact in
            switch fact.kind {
            case .overrideDeclared, .unlinked, .mergeReversed: true
            case .relationshipCreated: fact.word == "self-claimed"
            default: false
            }
        }
        return facts.map(recordClass) + raising.map { _ in Class.alert }
    }

    mutating func other(time: Int64) { append([.nothing], time: time) }

    static func recordClass(of fact: FactSpec) -> UInt8 {
        switch fact.kind {
        case .linked, .unlinked, .merged, .mergeReversed, .nhsNumberReplaced, .deceased: Class.identity
        default: Class.patientFact
        }
    }

    private mutating func append(_ what: [LoggedEvent.What], time: Int64) {
        let first = UInt64(events.count) + 1
        let last = first + UInt64(what.count) - 1
        for (index, one) in what.enumerated() {
            events.append(
                LoggedEvent(
                    position: first + UInt64(index), time: time, batchFirst: first, batchLast: last, what: one
                ))
        }
    }
}
