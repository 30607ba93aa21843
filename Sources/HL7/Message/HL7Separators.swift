/// The characters that a message takes its values apart with: MSH-1 and MSH-2.
public struct HL7Separators: Hashable, Sendable {
    public var field: UInt8
    public var component: UInt8
    /// Nil where MSH-2 is too short to have one; then nothing repeats, escapes or has subcomponents.
    public var repetition: UInt8?
    public var escape: UInt8?
    public var subcomponent: UInt8?

    public init(
        field: UInt8, component: UInt8, repetition: UInt8? = nil, escape: UInt8? = nil,
        subcomponent: UInt8? = nil
    ) {
        (self.field, self.component, self.repetition) = (field, component, repetition)
        (self.escape, self.subcomponent) = (escape, subcomponent)
    }

    /// `|^~\&`, as nearly everyone sends them.
    public static let usual = HL7Separators(
        field: 0x7C, component: 0x5E, repetition: 0x7E, escape: 0x5C, subcomponent: 0x26)

    /// Reads the separators of an `MSH`, `FHS` or `BHS` segment that begins at `start`.
    ///
    /// - Throws: `notAMessage` where no such segment begins there, `separators` where they cannot be told apart.
    init(_ bytes: [UInt8], at start: Int) throws(HL7Error) {
        guard HL7Bytes.beginsHeader(bytes.span.bytes, start) else {
            throw HL7Error(
                .notAMessage, offset: start,
                "a message begins with MSH and the field separator: this does not")
        }
        let field = bytes[start + 3]
        var list: [UInt8] = []
        var at = start + 4
        while at < bytes.count, bytes[at] != field, bytes[at] != HL7Bytes.cr, bytes[at] != HL7Bytes.lf {
            list.append(bytes[at])
            at += 1
        }
        let fault = { (reason: String) -> HL7Error in
            HL7Error(
                .separators, segment: (1, Array(bytes[start..<start + 3])), field: 2, offset: start + 4,
                reason)
        }
        // The fifth is version 2.7's truncation character, which takes nothing apart.
        guard (1...5).contains(list.count) else {
            throw fault("MSH-2 has \(list.count) characters: the usual ones are ^~\\&")
        }
        let all = [field] + list
        guard Set(all).count == all.count,
            all.allSatisfy({ (0x21...0x7E).contains($0) && !Self.isLetterOrDigit($0) })
        else {
            throw fault("MSH-1 and MSH-2 are printed characters, no letters or digits, and all different")
        }
        self.init(
            field: field, component: list[0], repetition: list.count > 1 ? list[1] : nil,
            escape: list.count > 2 ? list[2] : nil, subcomponent: list.count > 3 ? list[3] : nil)
    }

    static func isLetterOrDigit(_ c: UInt8) -> Bool {
        switch c {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
