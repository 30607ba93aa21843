/// One thing done to the store. Steps hold no positions, so that a history cut short still means the same.
enum Step: Sendable {
    /// The simulated clock moves forward by so many microseconds.
    case clock(Int64)
    /// Or to a moment, where that lies ahead.
    case clockTo(Int64)
    case region(RegionSpec)
    case policy([FactSpec])
    /// Files of one source, each of one message or, as NDJSON, of several.
    case ingest(source: String, files: [[MessageSpec]])
    case ask(Question)
    /// What changed for somebody between another time and the question's.
    case compare(Question, with: Question.When)
    case find(Search)
    /// The queue of links to review is listed, and one of it decided: which one and how, a seed says.
    case review(UInt64)
    case reopen
}

/// Whom somebody looks for (decision 13).
struct Search: Sendable {
    var user: String
    var role: String?
    var purpose: String?
    /// By this, or by family name, birth date and one more at least.
    var number: String?
    var family = ""
    var birthDate = ""
    var given: String?
    var gender: String?
    var postcode: String?
    /// Where it is to find somebody: the seed by which one is chosen of those who can be found when it is made.
    var aim: UInt64?
}

/// A question about a patient's view.
struct Question: Sendable {
    enum When: Sendable {
        case none
        /// So far from the recorded instant of the n-th record (modulo how many there are), in microseconds.
        case near(record: Int, offset: Int64)
        case instant(Int64)
        case date(String)
        /// Modulo the head.
        case position(Int)
        /// The newest record.
        case head
        /// So many records after another time, or the newest one where there are fewer.
        indirect case since(When, records: Int)
    }

    var user: String
    var role: String?
    var patient: PatientName
    var when: When
    var purpose: String?
    /// Asks what should have been seen, with what is known by then.
    var knownAt: When?
    /// Asks under this case.
    var caseReference: String?
}

/// What a question comes to once the log is known.
struct Asked: Sendable {
    enum When: Equatable, Sendable {
        case none
        case instant(Int64)
        case date(String)
        case position(UInt64)
    }

    var user: String
    var role: String?
    var patient: PatientName
    var when: When
    var purpose: String?
    var knownAt: When?
    var caseReference: String?

    init(_ question: Question, events: [LoggedEvent]) {
        user = question.user
        role = question.role
        patient = question.patient
        purpose = question.purpose
        caseReference = question.caseReference
        when = Self.when(question.when, events)
        knownAt = question.knownAt.map { Self.when($0, events) }
    }

    private static func when(_ when: Question.When, _ events: [LoggedEvent]) -> When {
        switch when {
        case .none: .none
        case .instant(let microseconds): .instant(microseconds)
        case .date(let date): .date(date)
        case .near(let record, let offset): .instant(events[late(record, events.count)].time + offset)
        case .position(let any): .position(UInt64(late(any, events.count)) + 1)
        case .head: .position(UInt64(events.count))
        case .since(let when, let records): .position(since(Self.when(when, events), records, events))
        }
    }

    private static func since(_ when: When, _ records: Int, _ events: [LoggedEvent]) -> UInt64 {
        let start = AsOf(when, events: events, clock: 0).position
        return min(start + UInt64(records), UInt64(events.count))
    }

    /// The later of two places: early ones hold little.
    private static func late(_ any: Int, _ count: Int) -> Int { max(any % count, (any / 1009) % count) }
}
