import CareRecord
import Wire

/// A patient, made of the seed and a number alone: nothing of a hundred thousand of them needs to be kept.
public struct Person: Sendable {
    /// From 0.
    public let number: Int
    /// Ten digits, from the range for tests (beginning with 9).
    public let nhs: String
    public let family: String
    public let given: String
    public let isFemale: Bool
    public let birth: CivilDate
    let address: Address
    /// Index into the practices.
    let practice: Int
    /// Index into the hospitals as they were in 2017.
    let hospital: Int
    /// Index into the councils as they were in 2017.
    let council: Int
    let burden: Burden

    struct Address: Hashable, Sendable {
        var line: String
        var town: String
        var postcode: String
        var phone: String
    }

    /// How often somebody is seen.
    enum Burden: Int, Sendable {
        case well, someIllness, longTermIllness, frail

        /// Days between contacts, on average.
        var interval: Int { [420, 190, 90, 38][rawValue] }
    }

    /// People of one address.
    static let householdSize = 3
    /// How many numbers there are to give: two candidates for each person, of which at least one has a check digit.
    public static let maximumCount = 4_000_000

    init(_ number: Int, seed: UInt64) {
        var home = Dice(seed: seed, .household, number / Self.householdSize)
        var dice = Dice(seed: seed, .person, number)
        self.number = number
        nhs = Self.nhsNumber(number)
        let isOfStory = number == Story.patient
        let drawn = home.weighted([50, 28, 22])
        council = isOfStory ? 0 : drawn
        let (town, district) = isOfStory ? ("Dorchester", "DT1") : home.pick(Names.towns[drawn])
        let street = home.pick(Names.streets)
        address = Address(
            line: "\(home.from(1, to: 140)) \(street)", town: town,
            postcode: "\(district) \(home.from(1, to: 9))ZZ", phone: "01632 96\(home.from(1000, to: 9999))")
        let familyOfHome = home.pick(Names.families)
        let list = home.weighted([35, 30, 20, 15])
        practice = isOfStory ? 0 : list
        hospital = council == 0 ? 0 : council == 1 ? 2 : 1
        isFemale = dice.chance(51, in: 100)
        given = dice.pick(isFemale ? Names.female : Names.male)
        family = dice.chance(17, in: 20) ? familyOfHome : dice.pick(Names.families)
        let age = Self.age(&dice, place: number % Self.householdSize)
        birth = CivilDate(
            daysSinceEpoch: Day.first.daysSinceEpoch - Int64(age * 365 + dice.below(365)))
        let weights =
            age < 18
            ? [80, 17, 3, 0] : age < 60 ? [60, 27, 12, 1] : age < 80 ? [25, 38, 30, 7] : [8, 27, 40, 25]
        burden = isOfStory ? .someIllness : Burden(rawValue: dice.weighted(weights)) ?? .well
    }

    /// Years at the start, by the place in the household: two grown-ups, and a child or a parent.
    private static func age(_ dice: inout Dice, place: Int) -> Int {
        if place < 2 { return dice.from(24, to: 79) }
        return dice.chance(3, in: 5) ? dice.from(0, to: 17) : dice.from(70, to: 96)
    }

    /// The person's id at an organisation.
    func localID(at ods: String) -> String { Self.localID(number, at: ods) }

    static func localID(_ number: Int, at ods: String) -> String {
        let letter: String
        switch ods {
        case "RBD": letter = "H"
        case "RD3": letter = "P"
        case "RDZ": letter = "B"
        case "R0D": letter = "U"
        case "RDY": letter = "C"
        default: letter = ods.hasPrefix("ZZ") ? "G" : "S"
        }
        return letter + String(100_000 + number)
    }

    func subject(at ods: String) -> SubjectName { SubjectName(ods: ods, id: localID(at: ods)) }

    /// Two numbers in a row never both lack a check digit, since they differ by one in a digit of weight two.
    static func nhsNumber(_ number: Int, spare: Bool = false) -> String {
        let base = UInt64(spare ? 998_000_000 : 990_000_000) + UInt64(2 * number)
        for candidate in [base, base + 1] {
            for check in UInt64(0)...9 {
                if let found = NHSNumber(value: candidate * 10 + check) { return found.description }
            }
        }
        preconditionFailure("no check digit holds for \(base) nor the next")
    }
}

/// One source's local identity.
public struct SubjectName: Hashable, Sendable {
    public var ods: String
    public var id: String

    init(ods: String, id: String) { (self.ods, self.id) = (ods, id) }
}
