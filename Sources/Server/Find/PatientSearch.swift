import CareRecord
import Wire

/// What a patient is looked for by: an NHS number, or family name, birth date and one more. Nothing stands for anything else.
public struct PatientSearch: Hashable, Sendable, CustomStringConvertible {
    public enum By: Hashable, Sendable {
        case number(NHSNumber)
        case person(Person)
    }

    /// At least one of given name, gender and postcode is there.
    public struct Person: Hashable, Sendable {
        public var family: String
        public var birthDate: CivilDate
        /// The first given name.
        public var given: String?
        /// As FHIR has it: male, female, other, unknown.
        public var gender: String?
        /// Whole, as `Postcode` writes it.
        public var postcode: String?
    }

    public var by: By

    /// UTF-8 bytes of one value.
    static let maximumBytes = 200
    static let wildcards: Set<Character> = ["*", "?", "%", "_"]
    static let genders = ["male", "female", "other", "unknown"]

    public init(number: NHSNumber) { by = .number(number) }

    /// - Throws: `usage`, naming the value that is missing or cannot be searched for.
    public init(
        family: String?, birthDate: String?, given: String? = nil, gender: String? = nil,
        postcode: String? = nil
    ) throws(StoreError) {
        let family = try Self.name(family, "the family name")
        let given = try Self.name(given, "the given name")
        guard let family, let birthDate, given != nil || gender != nil || postcode != nil else {
            throw .usage(
                "a patient is found by NHS number, or by family name, birth date and one more: given name, gender or postcode"
            )
        }
        guard let day = CivilDate(birthDate) else {
            throw .usage("the birth date '\(birthDate)' is not a day such as 1946-03-17")
        }
        if let gender, !Self.genders.contains(gender) {
            throw .usage("the gender is one of \(Self.genders.joined(separator: ", "))")
        }
        let whole = postcode.flatMap { Postcode($0) }
        if postcode != nil, whole == nil {
            throw .usage("the postcode is a whole one, such as BH15 2AA")
        }
        by = .person(
            Person(family: family, birthDate: day, given: given, gender: gender, postcode: whole?.description)
        )
    }

    private static func name(_ text: String?, _ what: String) throws(StoreError) -> String? {
        guard let text else { return nil }
        guard text.utf8.count <= maximumBytes else {
            throw .usage("\(what) has more than \(maximumBytes) bytes")
        }
        guard !text.contains(where: { wildcards.contains($0) }) else {
            throw .usage("\(what) is searched for as it stands: no wildcards")
        }
        guard !NameAgreement.folding(text).isEmpty else { throw .usage("\(what) has no letters") }
        return text
    }

    /// In one canonical line.
    public var description: String {
        switch by {
        case .number(let number): return "find-patient nhs-number=\(number)"
        case .person(let person):
            let more = [
                person.given.map { "given=\($0)" }, person.gender.map { "gender=\($0)" },
                person.postcode.map { "postcode=\($0)" },
            ].compactMap(\.self)
            return (["find-patient family=\(person.family)", "born=\(person.birthDate)"] + more)
                .joined(separator: " ")
        }
    }
}

/// What `find-patient` asks.
public struct FindRequest: Hashable, Sendable {
    public var user: String
    public var profile: String?
    public var search: PatientSearch
    public var purpose: String
    public var asker: Asker
    /// Whoever asks proved who they are: a real store answers nobody else.
    public var isAuthenticated: Bool
    /// Of a request over HTTP.
    public var call: CallDetails?
    /// Answered as a FHIR Bundle; nil: in Daybook's own JSON.
    public var bundle: Bundle?

    /// Where its links lead.
    public struct Bundle: Hashable, Sendable {
        public var base: String
        /// The question, under the base.
        public var path: String

        public init(base: String, path: String) { (self.base, self.path) = (base, path) }
    }

    public init(
        user: String, profile: String? = nil, search: PatientSearch, purpose: String = Purpose.directCare,
        asker: Asker, isAuthenticated: Bool = false
    ) {
        (self.user, self.profile, self.search) = (user, profile, search)
        (self.purpose, self.asker, self.isAuthenticated) = (purpose, asker, isAuthenticated)
    }
}
