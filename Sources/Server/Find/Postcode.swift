/// A UK postcode, whole: an outward code of two to four characters, and an inward code of three.
struct Postcode: Hashable, CustomStringConvertible {
    /// `BH15`: what may be shown of where a patient lives before anybody has a relationship with them.
    let district: String
    private let inward: String

    /// Case and white space do not matter.
    ///
    /// - Returns: nil for any other text.
    init?(_ text: String) {
        guard text.utf8.count <= 16 else { return nil }
        let letters = text.uppercased().filter { !$0.isWhitespace }
        guard letters.utf8.count == letters.count, (5...7).contains(letters.count),
            letters.utf8.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) })
        else { return nil }
        let (outward, inward) = (letters.dropLast(3).utf8, Array(letters.suffix(3).utf8))
        guard outward.first.map(Self.isLetter) ?? false, outward.contains(where: Self.isDigit),
            Self.isDigit(inward[0]), Self.isLetter(inward[1]), Self.isLetter(inward[2])
        else { return nil }
        (district, self.inward) = (String(letters.dropLast(3)), String(letters.suffix(3)))
    }

    var description: String { "\(district) \(inward)" }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
