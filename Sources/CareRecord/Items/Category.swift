/// What an item is about: the unit that agreements and roles grant. Raw values are stored and never reused.
public enum Category: UInt8, CaseIterable, Hashable, Comparable, Sendable, CustomStringConvertible {
    case demographics = 1
    case gpPractice = 2
    case nextOfKin = 3
    case diagnoses = 4
    case medications = 5
    case allergies = 6
    case alerts = 7
    case bloodTests = 8
    case pathology = 9
    case imaging = 10
    case observations = 11
    case encounters = 12
    case appointments = 13
    case documents = 14
    case procedures = 15
    case immunisations = 16
    case carePreferences = 17
    case socialCare = 18
    case other = 19
    /// Not a category of its own: Practitioner, Organization, Location, Specimen and Provenance take the
    /// category of what cites them. No file may name it.
    case cited = 20

    /// Every category that a file, an agreement or a role may name, in the order people read them.
    public static let named: [Category] = allCases.filter { $0 != .cited }

    /// The name in files and answers: `gp-practice`.
    public var name: String {
        switch self {
        case .demographics: "demographics"
        case .gpPractice: "gp-practice"
        case .nextOfKin: "next-of-kin"
        case .diagnoses: "diagnoses"
        case .medications: "medications"
        case .allergies: "allergies"
        case .alerts: "alerts"
        case .bloodTests: "blood-tests"
        case .pathology: "pathology"
        case .imaging: "imaging"
        case .observations: "observations"
        case .encounters: "encounters"
        case .appointments: "appointments"
        case .documents: "documents"
        case .procedures: "procedures"
        case .immunisations: "immunisations"
        case .carePreferences: "care-preferences"
        case .socialCare: "social-care"
        case .other: "other"
        case .cited: "cited"
        }
    }

    /// - Returns: nil for a name that is no category; `cited` is none.
    public init?(name: some StringProtocol) {
        guard let match = Self.named.first(where: { $0.name == name }) else { return nil }
        self = match
    }

    public var description: String { name }

    public static func < (a: Category, b: Category) -> Bool { a.rawValue < b.rawValue }
}
