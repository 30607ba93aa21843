import Wire

/// A personal information sharing agreement: what a controller's items may be shared, with whom, for what.
public struct AgreementTerms: Hashable, Sendable, Codable {
    /// A legal basis and the days it holds.
    public struct LegalBasis: Hashable, Sendable, Codable {
        public var from: CivilDate?
        public var to: CivilDate?
        public var text: String

        public init(from: CivilDate? = nil, to: CivilDate? = nil, text: String) {
            (self.from, self.to, self.text) = (from, to, text)
        }
    }

    public var id: String
    /// ODS code.
    public var controller: String
    /// ODS codes, and `all`: every non-commissioner whose charter was in force when this was signed or last amended.
    public var recipients: [String]
    public var categories: CategorySet
    public var purposes: [String]
    public var legalBasis: [LegalBasis]
    /// Nil: the recorded instant of the signing.
    public var from: Instant?
    /// The last instant; nil: no end.
    public var to: Instant?
    public var signatories: [String]?

    public init(
        id: String, controller: String, recipients: [String], categories: CategorySet, purposes: [String],
        legalBasis: [LegalBasis] = [], from: Instant? = nil, to: Instant? = nil, signatories: [String]? = nil
    ) {
        self.id = id
        self.controller = controller
        self.recipients = recipients
        self.categories = categories
        self.purposes = purposes
        self.legalBasis = legalBasis
        self.from = from
        self.to = to
        self.signatories = signatories
    }
}
