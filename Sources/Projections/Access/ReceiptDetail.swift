import Wire

/// The part of a receipt that tells about the patient: which items, and the salts of the digests.
public struct ReceiptDetail: Hashable, Sendable {
    public struct Item: Hashable, Sendable {
        /// `Type/id` within Daybook.
        public var reference: String
        public var position: Position
        public var category: String
        public var rule: String
        /// The SHA-256 of the bytes that were shown, where they are not the version's own: a part of a Patient, or what a redaction left.
        public var shown: Digest?

        public init(
            reference: String, position: Position, category: String, rule: String, shown: Digest? = nil
        ) {
            (self.reference, self.position, self.category, self.rule) = (reference, position, category, rule)
            self.shown = shown
        }
    }

    public struct Withheld: Hashable, Sendable {
        public var category: String
        public var count: Int
        public var rule: String
        public var basis: [Position]

        public init(category: String, count: Int, rule: String, basis: [Position]) {
            (self.category, self.count, self.rule, self.basis) = (category, count, rule, basis)
        }
    }

    /// As asked: an NHS number or `ODS:LOCALID`.
    public var patient: String
    /// The question in one canonical line.
    public var query: String
    /// 32 bytes each.
    public var itemsSalt: [UInt8]
    public var bodySalt: [UInt8]
    public var items: [Item]
    /// How many of the items, from the first on, the digest of items is over: the others are named only, or made by this server. Nil in
    /// receipts from before they said so, whose items do not say what was shown of them either.
    public var digested: Int?
    public var withheld: [Withheld]
    /// Withheld, and told to nobody outside a case: locked seals, exclusion sets.
    public var concealed: [Withheld] = []
    /// What decided, where the answer does not say it: a staff exclusion, or a shield.
    public var decided: Decided?

    /// A rule and the events it stands on.
    public struct Decided: Hashable, Sendable {
        public var rule: String
        public var basis: [Position]

        public init(rule: String, basis: [Position]) { (self.rule, self.basis) = (rule, basis) }
    }

    public init(
        patient: String, query: String, itemsSalt: [UInt8], bodySalt: [UInt8], items: [Item] = [],
        withheld: [Withheld] = []
    ) {
        self.patient = patient
        self.query = query
        self.itemsSalt = itemsSalt
        self.bodySalt = bodySalt
        self.items = items
        self.withheld = withheld
    }
}
