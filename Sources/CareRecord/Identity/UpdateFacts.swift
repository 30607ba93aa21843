import Wire

/// What of a source update must still fold after the person's key is gone: who sent it, and which numbers it asserts, as keyed
/// tokens. It stands in the update's second part, under the region's key.
public struct UpdateFacts: Hashable, Sendable {
    /// A keyed hash of an NHS number, 16 bytes as two big-endian words.
    public struct NumberToken: Hashable, Sendable {
        public var high: UInt64
        public var low: UInt64
        public var verified: Bool

        public init(high: UInt64, low: UInt64, verified: Bool) {
            (self.high, self.low, self.verified) = (high, low, verified)
        }
    }

    /// That something was said, and when: so that what was said of it before, and comes late, is known for the older word though
    /// this one changed nothing.
    public struct Word: Hashable, Sendable {
        /// A keyed hash of what it is about.
        public var about: UInt64
        public var said: Instant

        public init(about: UInt64, said: Instant) { (self.about, self.said) = (about, said) }
    }

    /// The source organisation's ODS code.
    public var source: String
    public var isAboutPatient: Bool
    /// Whether the message carries the patient's own resource; only then do the numbers say anything.
    public var asserts: Bool
    /// The assertion's own time; nil means the time of arrival.
    public var asserted: Instant?
    /// Placeholders are left out.
    public var numbers: [NumberToken]
    /// Keyed hashes, 8 bytes each, of `Type/id` of the items that name the patient themselves: from here on they are this
    /// subject's (decision 3, clause 12).
    public var claims: [UInt64]
    /// What it says of registration, and of who is whom (decisions 8 and 20).
    public var words: [Word]

    public init(
        source: String, isAboutPatient: Bool, asserts: Bool, asserted: Instant? = nil,
        numbers: [NumberToken] = [], claims: [UInt64] = [], words: [Word] = []
    ) {
        self.source = source
        self.isAboutPatient = isAboutPatient
        self.asserts = asserts
        self.asserted = asserted
        self.numbers = numbers
        self.claims = claims
        self.words = words
    }

    /// Of those without words, and of those with some.
    private static let formatVersions: (plain: UInt8, withWords: UInt8) = (1, 2)

    /// Layout: u8 version = 1 ‖ source ‖ u8 about a patient ‖ u8 asserts ‖ optional asserted (i64) ‖ varint count ‖ each 16
    /// bytes token, u8 verified ‖ varint count ‖ each u64 claim. Where there are words, version = 2, and after it varint count ‖
    /// each u64, i64.
    public var encoded: [UInt8] {
        var out = ByteWriter(capacity: 32 + numbers.count * 17 + claims.count * 8)
        out.u8(words.isEmpty ? Self.formatVersions.plain : Self.formatVersions.withWords)
        out.string(source)
        out.flag(isAboutPatient)
        out.flag(asserts)
        out.optional(asserted)
        out.varint(numbers.count)
        for number in numbers {
            out.u64(number.high)
            out.u64(number.low)
            out.flag(number.verified)
        }
        out.varint(claims.count)
        for claim in claims { out.u64(claim) }
        if !words.isEmpty {
            out.varint(words.count)
            for word in words {
                out.u64(word.about)
                out.i64(word.said.microseconds)
            }
        }
        return out.bytes
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        let version = try reader.u8()
        guard version == Self.formatVersions.plain || version == Self.formatVersions.withWords else {
            throw WireError(.invalid, at: 0, what: "version \(version) of update facts")
        }
        source = try reader.string()
        isAboutPatient = try reader.flag()
        asserts = try reader.flag()
        asserted = try reader.optionalInstant()
        numbers = []
        for _ in 0..<(try reader.length()) {
            numbers.append(
                NumberToken(high: try reader.u64(), low: try reader.u64(), verified: try reader.flag()))
        }
        claims = []
        for _ in 0..<(try reader.length()) { claims.append(try reader.u64()) }
        words = []
        if version == Self.formatVersions.withWords {
            for _ in 0..<(try reader.length()) {
                words.append(
                    Word(about: try reader.u64(), said: Instant(microseconds: try reader.i64())))
            }
        }
        try reader.end()
    }
}
