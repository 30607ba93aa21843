import Wire

/// What one message says about who its patient is: the input of linking.
public struct PatientAssertion: Hashable, Sendable {
    /// An NHS number as a source states it.
    public struct Number: Hashable, Sendable {
        public var number: NHSNumber
        /// Whether the source says it was traced and verified (UK Core NHSNumberVerificationStatus `01`).
        public var verified: Bool

        public init(_ number: NHSNumber, verified: Bool) { (self.number, self.verified) = (number, verified) }
    }

    /// In the order sent, placeholders included: whoever links must leave out `isPlaceholder` and the
    /// region's list.
    public var numbers: [Number]
    /// A FHIR date exactly as sent; never shifted.
    public var birthDate: String?
    /// Of the official name, else the first in use.
    public var family: String?
    public var given: [String]
    /// The source's own medical record numbers (type MR) that differ from the subject's id.
    public var localIdentifiers: [String]
    /// `deceasedDateTime` as sent, or `"true"` where only that was said; nil for alive or unsaid.
    public var deceased: String?
    /// When the source says it said so; nil means the time of arrival.
    public var asserted: Instant?

    public init(
        numbers: [Number] = [], birthDate: String? = nil, family: String? = nil, given: [String] = [],
        localIdentifiers: [String] = [], deceased: String? = nil, asserted: Instant? = nil
    ) {
        self.numbers = numbers
        self.birthDate = birthDate
        self.family = family
        self.given = given
        self.localIdentifiers = localIdentifiers
        self.deceased = deceased
        self.asserted = asserted
    }

    public static let formatVersion: UInt8 = 1

    /// Layout: u8 version = 1 ‖ numbers (varint count; each varint value, u8 verified) ‖ optional birth date
    /// ‖ optional family ‖ given ‖ local identifiers ‖ optional deceased ‖ optional asserted (i64).
    public func encode(into out: inout ByteWriter) {
        out.u8(Self.formatVersion)
        out.varint(numbers.count)
        for stated in numbers {
            stated.number.encode(into: &out)
            out.flag(stated.verified)
        }
        out.optional(birthDate)
        out.optional(family)
        out.strings(given)
        out.strings(localIdentifiers)
        out.optional(deceased)
        out.optional(asserted)
    }

    public init(from reader: inout ByteReader) throws(WireError) {
        try reader.version(Self.formatVersion, of: "patient assertion")
        let count = try reader.length()
        var numbers: [Number] = []
        for _ in 0..<count {
            numbers.append(Number(try NHSNumber(from: &reader), verified: try reader.flag()))
        }
        self.init(
            numbers: numbers, birthDate: try reader.optionalString(), family: try reader.optionalString(),
            given: try reader.strings(), localIdentifiers: try reader.strings(),
            deceased: try reader.optionalString(), asserted: try reader.optionalInstant())
    }
}
