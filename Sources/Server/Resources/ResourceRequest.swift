import CareRecord
import Wire

/// What is asked for over FHIR.
public enum ResourceQuestion: Hashable, Sendable {
    /// One resource, the version in force.
    case read(type: String, id: String)
    /// One version of it: the position of the event that carried it.
    case version(type: String, id: String, version: UInt64)
    /// Its versions, newest first; without an id, of all of a patient's of the type.
    case history(type: String, id: String?, HistoryQuery)
    case search(type: String, ResourceSearch)
    /// All of a patient's resources.
    case everything(EverythingQuery)
}

/// How the patient is named, where the question names one.
public enum AskedPatient: Hashable, Sendable {
    /// The id of a Patient resource.
    case id(String)
    /// By exact number, or a source's own id.
    case reference(PatientReference)
    /// By an identifier of a system that patients are not looked up by.
    case nobody
}

public struct HistoryQuery: Hashable, Sendable {
    /// Versions recorded then or later.
    public var since: Instant?
    /// Versions in force at any point of the period.
    public var at: ClosedRange<Instant>?
    public var count: Int

    public init(since: Instant? = nil, at: ClosedRange<Instant>? = nil, count: Int) {
        (self.since, self.at, self.count) = (since, at, count)
    }
}

public struct EverythingQuery: Hashable, Sendable {
    /// Empty: every type.
    public var types: [String]
    /// Versions recorded then or later.
    public var since: Instant?
    public var count: Int

    public init(types: [String] = [], since: Instant? = nil, count: Int) {
        (self.types, self.since, self.count) = (types, since, count)
    }
}

public struct ResourceRequest: Sendable {
    public var caller: Caller
    public var question: ResourceQuestion
    public var patient: AskedPatient?
    /// As of another time, for those who may audit.
    public var asOf: When?
    /// An open case, under which another time is seen as it could be seen then.
    public var caseReference: String?
    /// Where links lead: `https://HOST/fhir`.
    public var base: String
    /// The question as it was asked, for links: path and query without the page.
    public var query: String
    /// A page after the first.
    public var page: String?

    public init(
        caller: Caller, question: ResourceQuestion, patient: AskedPatient?, base: String, query: String
    ) {
        (self.caller, self.question, self.patient) = (caller, question, patient)
        (self.base, self.query) = (base, query)
    }
}

/// An answer whose receipt is durable: only now may its bytes leave.
public struct ResourceAnswer: Sendable {
    public var body: [UInt8]
    /// The position served.
    public var position: Position
    public var receipt: Position
    /// Of one resource: the position of its version, and when it was recorded.
    public var version: Position?
    public var lastModified: Instant?
}

/// Why nothing was shown. It is recorded when this is thrown.
public struct ResourceRefusal: Error, Sendable {
    public enum Kind: Sendable {
        /// A search that can find nobody, whatever is held: an empty answer.
        case nobody
        /// Not there, or not to be seen: one answer for both.
        case notFound
        /// It was deleted, and whoever asks may know.
        case gone
        /// Policy does not let them see this patient at all.
        case refused(rule: String)
        /// Policy does not let them ask, for a rule; with a sentence of why.
        case told(rule: String, String)
        /// The token's scopes do not reach it.
        case scope
        /// Another time takes a role that may audit.
        case audit
        /// It could not be answered; the question was none, or what is held does not read.
        case failed(StoreError)
    }

    public var kind: Kind
    public var position: Position
    public var receipt: Position
}
