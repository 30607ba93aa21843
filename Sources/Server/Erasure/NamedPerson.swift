import CareRecord
import Foundation
import Projections

/// What a message may call a person by: to find the quarantined messages that are theirs, and to keep their name out of what
/// outlives them.
struct NamedPerson: Sendable {
    /// NHS numbers, ten digits each.
    private(set) var numbers: Set<String> = []
    private(set) var subjects: Set<SubjectID> = []
    /// Record numbers that a source gave them beside its own id.
    private(set) var identifiers: Set<String> = []
    /// Family names with a birth date, lower case; both must be in a message.
    private(set) var births: Set<Birth> = []
    /// Given and family names as names are compared, whole and each part of them by itself.
    private(set) var names: Set<String> = []

    struct Birth: Hashable, Sendable {
        var family: String
        var date: String
    }

    mutating func add(_ number: NHSNumber) { numbers.insert("\(number)") }

    mutating func add(_ subject: SubjectID) { subjects.insert(subject) }

    mutating func add(_ assertion: PatientAssertion) {
        for stated in assertion.numbers where !stated.number.isPlaceholder { add(stated.number) }
        identifiers.formUnion(assertion.localIdentifiers)
        for name in assertion.given + [assertion.family].compactMap(\.self) {
            let (whole, parts) = (NameAgreement.folding(name), Self.words(of: name))
            // Of a name in parts the short ones are nobody's: the O of O'Brien, de, van.
            for word in [whole] + (parts.count > 1 ? parts.filter { $0.count > 2 } : parts)
            where word.count > 1 {
                names.insert(word)
            }
        }
        guard let family = assertion.family, family.count > 1, let date = assertion.birthDate else { return }
        births.insert(Birth(family: family.lowercased(), date: date))
    }

    /// Whether a message of a source names the person: by an NHS number, by the source's own id for them, or by family name and birth
    /// date together. It errs on the side of yes: the text is read without escapes, case and accents.
    func isNamed(in message: [UInt8], from source: String) -> Bool {
        let text = PlainWords.of(message)
        for number in numbers where Self.spellings(number).contains(where: { text.holds(Array($0.utf8)) }) {
            return true
        }
        for subject in subjects
        where subject.organisation == source && text.holds(field: PlainWords.of(subject.localID)) {
            return true
        }
        return births.contains { birth in
            text.holds(PlainWords.of(birth.family))
                && Self.dates(birth.date).contains { text.holds(Array($0.utf8)) }
        }
    }

    /// As FHIR, HL7 v2 and people write a date.
    private static func dates(_ date: String) -> [String] {
        let parts = date.split(separator: "-")
        guard parts.count == 3 else { return [date] }
        return [date, parts.joined()] + ["/", ".", "-"].map { parts.reversed().joined(separator: $0) }
    }

    private static func spellings(_ number: String) -> [String] {
        let (a, b, c) = (number.prefix(3), number.dropFirst(3).prefix(3), number.dropFirst(6))
        return [number, "\(a) \(b) \(c)", "\(a)-\(b)-\(c)"]
    }

    /// A number, id or name of the person's that a text for good would give away; nil where there is none. It errs on the side of yes:
    /// a text that is refused can be written otherwise, one that is taken can never be erased.
    func given(away text: String) -> String? {
        let plain = Self.folded(text)
        let digits = plain.filter(\.isNumber)
        for number in numbers where digits.contains(number) { return "an NHS number" }
        let bare = plain.filter { $0.isLetter || $0.isNumber }
        for id in identifiers.union(subjects.map(\.localID)).map(Self.folded) {
            let bareID = id.filter { $0.isLetter || $0.isNumber }
            // However it is spaced or hyphened; an id of a character or three only where it stands by itself.
            let isGiven =
                bareID.count > 3
                ? bare.contains(bareID)
                : plain.split { !$0.isLetter && !$0.isNumber }.contains { $0 == bareID }
                    || id.count > 2 && plain.contains(id)
            if isGiven { return "a record number" }
        }
        return names.isDisjoint(with: Self.words(of: text)) ? nil : "a name"
    }

    /// The runs of letters of a text, folded as names are.
    private static func words(of text: String) -> [String] {
        folded(text).split { !$0.isLetter }.map(String.init)
    }

    private static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
            .lowercased()
    }
}

extension [UInt8] {
    /// Whether the bytes stand anywhere in it.
    fileprivate func holds(_ wanted: [UInt8]) -> Bool { places(of: wanted) { _ in true } }

    /// Whether the bytes stand in it as a whole value: of a JSON string, a reference, or an HL7 v2 field or component.
    fileprivate func holds(field wanted: [UInt8]) -> Bool {
        places(of: wanted) { start in
            let (before, end) = (start - 1, start + wanted.count)
            let opens = before < 0 || "\"/|^~&:#,=\r\n".utf8.contains(self[before])
            return opens && (end >= count || "\"|^~&/,\r\n".utf8.contains(self[end]))
        }
    }

    private func places(of wanted: [UInt8], _ isFound: (Int) -> Bool) -> Bool {
        guard let first = wanted.first, wanted.count <= count else { return false }
        var from = 0
        while let start = self[from...(count - wanted.count)].firstIndex(of: first) {
            if self[start..<start + wanted.count].elementsEqual(wanted), isFound(start) { return true }
            from = start + 1
            if from > count - wanted.count { return false }
        }
        return false
    }
}
