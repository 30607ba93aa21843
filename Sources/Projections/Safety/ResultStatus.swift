import CareRecord

/// What a result's status asks of whoever shows it (DOMAIN, "Clinical safety": Retraction).
enum ResultStatus {
    /// It shows no value.
    case cancelled
    /// It shows what it said before.
    case corrected

    /// Hot: asked of every item shown. Only results carry these in the sense meant.
    ///
    /// - Returns: nil for an item that is shown as it stands.
    init?(_ meta: ItemMetaPlaces, in bytes: Span<UInt8>) {
        let first = meta.statusInitial(in: bytes)
        // "cancelled", "corrected", "amended", "appended": most items end here.
        guard first == UInt8(ascii: "c") || first == UInt8(ascii: "a"),
            meta.isType("Observation", in: bytes) || meta.isType("DiagnosticReport", in: bytes),
            let status = meta.status
        else { return nil }
        if Self.isWord("cancelled", bytes, status) {
            self = .cancelled
        } else if Self.isWord("corrected", bytes, status) || Self.isWord("amended", bytes, status)
            || Self.isWord("appended", bytes, status)
        {
            self = .corrected
        } else {
            return nil
        }
    }

    private static func isWord(_ word: StaticString, _ bytes: Span<UInt8>, _ place: Range<Int>) -> Bool {
        guard place.count == word.utf8CodeUnitCount else { return false }
        for i in 0..<place.count where bytes[place.lowerBound + i] != word.utf8Start[i] { return false }
        return true
    }
}
