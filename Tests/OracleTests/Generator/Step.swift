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
    case reopen
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
    }

    var user: String
    var role: String?
    var patient: PatientName
    var when: When
    var purpose: String?
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

    init(_ question: Question, events: [LoggedEvent]) {
        user = question.user
        role = question.role
        patient = question.patient
        purpose = question.purpose
        switch question.when {
        case .none: when = .none
        case .instant(let microseconds): when = .instant(microseconds)
        case .date(let date): when = .date(date)
        case .near(let record, let offset):
            when = .instant(events[Self.late(record, events.count)].time + offset)
        case .position(let any): when = .position(UInt64(Self.late(any, events.count)) + 1)
        }
    }

    /// The later of two places: early ones hold little.
    private static func late(_ any: Int, _ count: Int) -> Int { max(any % count, (any / 1009) % count) }
}
