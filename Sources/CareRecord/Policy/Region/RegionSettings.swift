/// What a region says once: zone, numbers, periods and the consent model.
public struct RegionSettings: Hashable, Sendable, Codable {
    /// How the parts of an automatic link must agree.
    public struct IdentityRule: Hashable, Sendable, Codable {
        public enum Agreement: String, Hashable, Sendable, Codable, CaseIterable { case equal, similar }

        /// Always the same verified NHS number.
        public var familyName: Agreement
        public var givenName: Agreement

        public init(familyName: Agreement = .similar, givenName: Agreement = .similar) {
            (self.familyName, self.givenName) = (familyName, givenName)
        }
    }

    public var name: String
    /// IANA name.
    public var timeZone: String
    /// The identifier system that marks an NHS number.
    public var nhsNumberSystem: String
    /// Numbers that name nobody, beside the repeated digits; as written, ten digits.
    public var placeholderNumbers: [String]
    public var identityRule: IdentityRule
    public var consentModel: ConsentModel
    public var permissionToViewPeriod: CalendarDuration
    public var relationshipGracePeriod: CalendarDuration
    public var overridePeriod: CalendarDuration
    /// What each kind of override passes.
    public var overrideMay: [String: [Rule]]
    /// `life-of-record`, or a duration.
    public var auditRetention: String

    public init(
        name: String, timeZone: String, nhsNumberSystem: String, placeholderNumbers: [String],
        identityRule: IdentityRule, consentModel: ConsentModel, permissionToViewPeriod: CalendarDuration,
        relationshipGracePeriod: CalendarDuration, overridePeriod: CalendarDuration,
        overrideMay: [String: [Rule]], auditRetention: String
    ) {
        self.name = name
        self.timeZone = timeZone
        self.nhsNumberSystem = nhsNumberSystem
        self.placeholderNumbers = placeholderNumbers
        self.identityRule = identityRule
        self.consentModel = consentModel
        self.permissionToViewPeriod = permissionToViewPeriod
        self.relationshipGracePeriod = relationshipGracePeriod
        self.overridePeriod = overridePeriod
        self.overrideMay = overrideMay
        self.auditRetention = auditRetention
    }

    public var calendar: StoreCalendar { StoreCalendar(timeZone: timeZone) ?? .london }
}
