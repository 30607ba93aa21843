import CareRecord
import EventLog

/// What people are found by: a keyed hash of a folded family name and a birth date.
public enum PersonKey {
    /// - Parameter birthDate: a whole day, `1946-03-17`.
    /// - Returns: nil where either says nothing that a search could name.
    public static func token(family: String?, birthDate: String?, _ keys: KeyStore) -> StreamToken? {
        guard let birthDate, birthDate.utf8.count == 10 else { return nil }
        let name = NameAgreement.folding(family ?? "")
        if name.isEmpty { return nil }
        return keys.token(.view, Array("person\u{0}\(name)\u{0}\(birthDate)".utf8))
    }
}
