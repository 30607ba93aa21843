import CareRecord
import Wire

/// A question over FHIR about who looked at whom: its answer is AuditEvents.
public struct TrailQuery: Sendable {
    public var caller: Caller
    /// One event, by its id; nil: those that match.
    public var one: String?
    /// Of those that match, only this.
    public var only: String?
    public var patient: AskedPatient?
    /// A user's id, or a client's.
    public var agent: String?
    /// When it was recorded; all must hold.
    public var dates: [DateComparison] = []
    /// An open case for the patient, under which it is told which resources were shown.
    public var caseReference: String?
    /// `Type/id` of a resource that was shown; needs a case.
    public var entity: String?
    public var count = 50
    /// Where the page before ended.
    public var page: String?
    /// Where links lead: `https://HOST/fhir`.
    public var base: String
    /// The question as it was asked, without the page.
    public var query: String

    /// Receipts that one page looks at, at most; fewer where policy or identity moves meanwhile.
    static let maximumLook = 5000

    public init(caller: Caller, one: String? = nil, base: String, query: String) {
        (self.caller, self.one, self.base, self.query) = (caller, one, base, query)
    }
}
