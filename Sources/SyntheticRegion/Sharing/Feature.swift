/// A turn in a patient's sharing that some patients take: together they are every kind of fact there is.
enum Feature: Int, CaseIterable, Sendable {
    case dissent, directive, openSeal, lockedSeal, label, shield, staffExclusion, objectionDeclined,
        objectionUpheld
    case wrongLink, wrongMerge, messageMerge, newNumber, death, legalHold, permissions, workgroup,
        latePaperwork
    case permitDirective

    /// Of so many patients one takes each turn.
    private static let period = 40

    /// Patient 0 is the story's.
    static func of(_ number: Int, patients: Int) -> Feature? {
        guard number > 0 else { return nil }
        return Feature(rawValue: patients < period ? (number - 1) % allCases.count : number % period - 1)
    }

    /// When it begins, unless the practice has not joined by then.
    static func day(of number: Int, seed: UInt64) -> Day {
        var dice = Dice(seed: seed, .feature, number)
        return Day(dice.from(260, to: 1350)).workday
    }
}
