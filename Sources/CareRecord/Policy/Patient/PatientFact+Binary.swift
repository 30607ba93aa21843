import Wire

/// Layout: u8 version = 1 ‖ u8 kind (index of the case, from 1) ‖ varint of bits, one for each field present, in the
/// order below ‖ the fields. Flags are their bit alone; texts and lists are varint-prefixed.
extension PatientFact {
    public static let formatVersion: UInt8 = 1

    private typealias TextField = WritableKeyPath<PatientFact, String?> & Sendable

    /// Bits 0…11. `patient` and `other` (13, 14) follow as text.
    private static let texts: [TextField] = [
        \.id, \.org, \.workgroup, \.user, \.item, \.label, \.by, \.caseReference, \.authority, \.evidence,
        \.reason,
        \.recordedBy,
    ]

    private enum Bit {
        static let patient = 13, other = 14, relationship = 15, basis = 16, once = 17, outcome = 18,
            override = 19
        static let organisations = 20, categories = 21, locked = 22, date = 23, oldNumber = 24, newNumber = 25
        static let from = 26, to = 27, duration = 28, byFeed = 29, spends = 30, asserted = 31
    }

    private var presence: UInt64 {
        var bits: UInt64 = 0
        func set(_ bit: Int, _ present: Bool) { if present { bits |= 1 << UInt64(bit) } }
        for (bit, path) in Self.texts.enumerated() { set(bit, self[keyPath: path] != nil) }
        set(Bit.patient, patient != nil)
        set(Bit.other, other != nil)
        set(Bit.relationship, relationship != nil)
        set(Bit.basis, permissionBasis != nil)
        set(Bit.once, once)
        set(Bit.outcome, outcome != nil)
        set(Bit.override, overrideKind != nil)
        set(Bit.organisations, !organisations.isEmpty)
        set(Bit.categories, !categories.isEmpty)
        set(Bit.locked, locked)
        set(Bit.date, date != nil)
        set(Bit.oldNumber, oldNumber != nil)
        set(Bit.newNumber, newNumber != nil)
        set(Bit.from, from != nil)
        set(Bit.to, to != nil)
        set(Bit.duration, duration != nil)
        set(Bit.byFeed, byFeed)
        set(Bit.spends, spends != nil)
        set(Bit.asserted, asserted != nil)
        return bits
    }

    public func encode(into out: inout ByteWriter) {
        out.u8(Self.formatVersion)
        out.u8(UInt8(kind.storedIndex + 1))
        out.varint(presence)
        for path in Self.texts { if let text = self[keyPath: path] { out.string(text) } }
        if let patient { out.string(patient.description) }
        if let other { out.string(other.description) }
        if let relationship { out.u8(Self.index(relationship)) }
        if let permissionBasis { out.u8(Self.index(permissionBasis)) }
        if let outcome { out.u8(Self.index(outcome)) }
        if let overrideKind { out.u8(Self.index(overrideKind)) }
        if !organisations.isEmpty { out.strings(organisations) }
        if !categories.isEmpty { out.u32(categories.rawValue) }
        if let date { out.i64(date.daysSinceEpoch) }
        oldNumber?.encode(into: &out)
        newNumber?.encode(into: &out)
        if let from { out.i64(from.microseconds) }
        if let to { out.i64(to.microseconds) }
        if let duration { out.string(duration.description) }
        if let spends { out.varint(spends.value) }
        if let asserted { out.i64(asserted.microseconds) }
    }

    public var encoded: [UInt8] {
        var out = ByteWriter(capacity: 96)
        encode(into: &out)
        return out.bytes
    }

    public init(from reader: inout ByteReader) throws(WireError) {
        try reader.version(Self.formatVersion, of: "patient fact")
        self.init(try reader.word(PatientFactKind.self))
        let bits = try reader.varint()
        guard bits < 1 << UInt64(Bit.asserted + 1), bits & 1 << 12 == 0 else {
            throw WireError(.invalid, at: reader.offset, what: "fields of a later version")
        }
        func has(_ bit: Int) -> Bool { bits & 1 << UInt64(bit) != 0 }
        // In the order of `texts`; a view reads facts, and key paths are slow to follow.
        if has(0) { id = try reader.string() }
        if has(1) { org = try reader.string() }
        if has(2) { workgroup = try reader.string() }
        if has(3) { user = try reader.string() }
        if has(4) { item = try reader.string() }
        if has(5) { label = try reader.string() }
        if has(6) { by = try reader.string() }
        if has(7) { caseReference = try reader.string() }
        if has(8) { authority = try reader.string() }
        if has(9) { evidence = try reader.string() }
        if has(10) { reason = try reader.string() }
        if has(11) { recordedBy = try reader.string() }
        if has(Bit.patient) { patient = try reader.patient() }
        if has(Bit.other) { other = try reader.patient() }
        if has(Bit.relationship) { relationship = try reader.word(RelationshipKind.self) }
        if has(Bit.basis) { permissionBasis = try reader.word(PermissionBasis.self) }
        if has(Bit.outcome) { outcome = try reader.word(DirectiveOutcome.self) }
        if has(Bit.override) { overrideKind = try reader.word(OverrideKind.self) }
        if has(Bit.organisations) { organisations = try reader.strings() }
        if has(Bit.categories) {
            categories = CategorySet.all.intersection(CategorySet(rawValue: try reader.u32()))
        }
        if has(Bit.date) {
            let days = try reader.i64()
            // Days of the years 1…9999: the constructor traps on nothing, but other dates are nobody's.
            guard (-719_162...2_932_896).contains(days) else {
                throw WireError(.invalid, at: reader.offset, what: "date")
            }
            date = CivilDate(daysSinceEpoch: days)
        }
        if has(Bit.oldNumber) { oldNumber = try NHSNumber(from: &reader) }
        if has(Bit.newNumber) { newNumber = try NHSNumber(from: &reader) }
        if has(Bit.from) { from = Instant(microseconds: try reader.i64()) }
        if has(Bit.to) { to = Instant(microseconds: try reader.i64()) }
        if has(Bit.duration) {
            guard let length = CalendarDuration(try reader.string()) else {
                throw WireError(.invalid, at: reader.offset, what: "duration")
            }
            duration = length
        }
        if has(Bit.spends) { spends = Position(try reader.varint()) }
        if has(Bit.asserted) { asserted = Instant(microseconds: try reader.i64()) }
        (once, locked, byFeed) = (has(Bit.once), has(Bit.locked), has(Bit.byFeed))
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader)
        try reader.end()
    }

    public init(decoding bytes: [UInt8]) throws(WireError) { try self.init(decoding: bytes[...]) }

    private static func index<Word: CaseIterable & Equatable>(_ word: Word) -> UInt8 {
        var index: UInt8 = 1
        for other in Word.allCases {
            if other == word { return index }
            index += 1
        }
        return 0
    }
}

extension ByteReader {
    /// A case of a stored enumeration, by its index from 1.
    fileprivate mutating func word<Word: CaseIterable>(_ type: Word.Type) throws(WireError) -> Word {
        let index = Int(try u8())
        let all = Array(Word.allCases)
        guard (1...all.count).contains(index) else {
            throw WireError(.invalid, at: offset, what: "\(Word.self) \(index)")
        }
        return all[index - 1]
    }

    fileprivate mutating func patient() throws(WireError) -> PatientReference {
        guard let patient = PatientReference(try string()) else {
            throw WireError(.invalid, at: offset, what: "patient")
        }
        return patient
    }
}
