/// A published set of codes, ready to be asked.
public struct CodeSetVersion: Sendable {
    /// The exclusion set's id, or the label.
    public let name: String
    public let codings: Set<Coding>
    /// Of an exclusion set: narrative that may tell what the codes hide is withheld too.
    public let withholdsNarrative: Bool
    /// A bit for each code's fingerprint, about sixteen bits a code: nearly every code that is not in the set is told
    /// by one look here, without hashing two strings.
    private let filter: [UInt64]

    init(name: String, codes: [CodeList], withholdsNarrative: Bool = false) {
        (self.name, self.withholdsNarrative) = (name, withholdsNarrative)
        let all = Set(codes.flatMap(\.codings))
        var words = 4
        while words * 64 < all.count * 16 { words *= 2 }
        var bits = [UInt64](repeating: 0, count: words)
        for coding in all {
            let bit = Int(truncatingIfNeeded: Self.fingerprint(coding.code)) & (words * 64 - 1)
            bits[bit >> 6] |= 1 << UInt64(bit & 63)
        }
        (codings, filter) = (all, bits)
    }

    /// Whether one of the codes is in the set: system and code exactly equal.
    func contains(anyOf codes: [Coding], _ fingerprints: [UInt64]) -> Bool {
        for index in codes.indices {
            let bit = Int(truncatingIfNeeded: fingerprints[index]) & (filter.count * 64 - 1)
            if filter[bit >> 6] & 1 << UInt64(bit & 63) != 0, codings.contains(codes[index]) { return true }
        }
        return false
    }

    /// FNV-1a of the code's bytes, folded so that its low bits depend on all.
    static func fingerprint(_ code: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in code.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }
}
