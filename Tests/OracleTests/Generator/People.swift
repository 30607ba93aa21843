/// The people that a history is about, and what sources call them.
struct People: Sendable {
    struct Person: Sendable {
        var number: String
        var secondNumber: String
        var birthDate: String
        var family: String
        var given: String
    }

    var persons: [Person]
    /// Every source's local ids, and which person each is meant to be.
    var subjects: [(name: SubjectName, person: Int)]

    static let names = [
        ("Smith", "Anna"), ("Bj\u{F6}rnsen", "\u{C9}mile"), ("O'Neill-Hart", "Jo"), ("Okonkwo", "Robert"),
    ]
    static let nearNames = [
        "Smith": ["Smyth", "Smithe", "SMITH", "Smi", "Sm", "Smythe"],
        "Anna": ["Ana", "Annabel", "anna", "An"],
        "Bj\u{F6}rnsen": ["Bjornsen", "Bjornson", "Bjoernsen", "Bj\u{F6}rn"],
        "\u{C9}mile": ["Emile", "Emil", "Emilia", "Amile"],
        "O'Neill-Hart": ["ONeill Hart", "O'Neill", "O'Neal-Hart"], "Jo": ["Joanna", "Joe", "jo"],
        "Okonkwo": ["Okonkwa", "Okonko", "Okonkow", "Konkwo"],
        "Robert": ["Rob", "Roberta", "Bobert", "Rpbert"],
    ]

    init(sources: [String], rng: inout SplitMix64) {
        persons = (0..<2 + rng.below(2)).map { _ in
            let (family, given) = rng.pick(Self.names)
            return Person(
                number: Self.number(&rng), secondNumber: Self.number(&rng),
                birthDate: rng.pick(["1950-01-02", "1987-12-31"]), family: family, given: given)
        }
        // Twins: everything the same but the number or the name.
        if rng.chance(1, in: 3) {
            persons[1] = persons[0]
            if rng.chance(1, in: 2) { persons[1].number = Self.number(&rng) }
            persons[1].given = rng.pick(["Anna", "Zo\u{EB}", "Robert"])
        }
        subjects = []
        for source in sources {
            for local in ["H1", "h-2", "3.x"].prefix(1 + rng.below(3)) {
                subjects.append((SubjectName(organisation: source, localID: local), rng.below(persons.count)))
            }
        }
    }

    /// A number whose check digit holds, beginning with 999 as those for tests do.
    static func number(_ rng: inout SplitMix64) -> String {
        while true {
            let nine = [9, 9, 9] + (0..<6).map { _ in rng.below(10) }
            let sum = zip(nine, stride(from: 10, through: 2, by: -1)).reduce(0) { $0 + $1.0 * $1.1 }
            let check = (11 - sum % 11) % 11
            let digits = nine + [check]
            if check < 10, Set(digits).count > 1 { return digits.map(String.init).joined() }
        }
    }

    /// What one message asserts: mostly the truth, sometimes nearly, sometimes something else.
    func assertion(of person: Int, placeholders: [String], rng: inout SplitMix64) -> MessageSpec.Assertion {
        let truth = persons[person]
        let other = persons[(person + 1) % persons.count]
        var out = MessageSpec.Assertion(
            numbers: [.init(digits: truth.number, verified: true)], birthDate: truth.birthDate,
            family: truth.family, given: truth.given)
        switch rng.below(20) {
        case 0, 1: out.numbers[0].verified = false
        case 2: out.numbers = []
        case 3: out.numbers[0].digits = rng.pick(["9999999999"] + placeholders)
        case 4: out.numbers[0].digits = other.number
        case 5: out.numbers.append(.init(digits: truth.secondNumber, verified: rng.chance(1, in: 2)))
        case 6: out.numbers[0].digits = truth.secondNumber
        default: break
        }
        if rng.chance(1, in: 10) { out.birthDate = rng.pick([nil, "1950-02-01"]) }
        if rng.chance(1, in: 5) { out.family = rng.pick(Self.nearNames[truth.family] ?? [nil]) }
        if rng.chance(1, in: 5) { out.given = rng.pick(Self.nearNames[truth.given] ?? [nil]) }
        if rng.chance(1, in: 30) { out.family = nil }
        if rng.chance(1, in: 30) { out.given = nil }
        return out
    }
}
