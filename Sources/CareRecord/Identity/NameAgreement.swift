import Foundation

/// Whether two names could be one person's: the comparison behind automatic links (decision 3, clause 8).
public enum NameAgreement: String, Hashable, Sendable, Codable, CaseIterable {
    /// The folded names are equal.
    case equal
    /// Equal, or the shorter (three letters or more) begins the longer, or both have five letters or more and
    /// differ by one inserted, dropped or changed letter.
    case similar

    /// An absent or letterless name agrees with nothing.
    public func holds(_ a: String?, _ b: String?) -> Bool {
        let first = Self.folded(a ?? "")
        let second = Self.folded(b ?? "")
        if first.isEmpty || second.isEmpty { return false }
        if first == second { return true }
        guard self == .similar else { return false }
        let (short, long) = first.count <= second.count ? (first, second) : (second, first)
        if short.count >= 3, long.starts(with: short) { return true }
        return short.count >= 5 && Self.differByOne(short, long)
    }

    /// A name as names are compared: letters only, case and diacritics dropped; empty where it has no letters.
    public static func folding(_ name: String) -> String { String(folded(name)) }

    static func folded(_ name: String) -> [Character] {
        Array(
            name.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
                .lowercased().filter(\.isLetter))
    }

    /// - Precondition: `short` is no longer than `long`, and they are not equal.
    private static func differByOne(_ short: [Character], _ long: [Character]) -> Bool {
        guard long.count - short.count <= 1 else { return false }
        var i = 0
        while i < short.count, short[i] == long[i] { i += 1 }
        let rest = short.count == long.count ? short[(i + 1)...] : short[i...]
        return rest.elementsEqual(long[(i + 1)...])
    }
}
