/// An organisation of the region, while it is one.
struct Partner: Sendable {
    enum Kind: String, Sendable {
        case commissioner, acute, community, gp
        case localAuthority = "local-authority"
    }

    var ods: String
    var name: String
    var kind: Kind
    var licences: Int
    var charter: String
    var joins: Day
    var closes: Day?
    /// The partner that takes its place.
    var successor: String?
    /// Staff who look at records, before they are scaled to the number of patients.
    var staff: [(role: String, count: Int)] = []

    func isOpen(on day: Day) -> Bool { joins <= day && (closes.map { day < $0 } ?? true) }
}

extension Partner {
    static let councilsMerge = Day(2019, 4, 1)
    static let trustsMerge = Day(2020, 10, 1)
    static let commissionerEnds = Day(2022, 7, 1)

    /// The launch case of 2017 joining in phases, and what became of its councils, hospitals and commissioner. The surgeries and
    /// their codes are invented.
    static let all: [Partner] = [
        Partner(
            ods: "11J", name: "NHS Dorset Clinical Commissioning Group", kind: .commissioner, licences: 50,
            charter: "2017-05-01", joins: Day(0), closes: commissionerEnds, successor: "QVV"),
        Partner(
            ods: "RBD", name: "Dorset County Hospital", kind: .acute, licences: 1400, charter: "2017-05-01",
            joins: Day(0), staff: [("R8000", 14), ("R8001", 22), ("R8008", 8)]),
        Partner(
            ods: "ZZ101", name: "Quayside Surgery", kind: .gp, licences: 40, charter: "2017-06-12",
            joins: Day(0),
            staff: [("R8000", 7), ("R8001", 3), ("R8008", 3)]),
        Partner(
            ods: "ZZ102", name: "Hilltop Practice", kind: .gp, licences: 30, charter: "2017-06-12",
            joins: Day(2017, 11, 1), staff: [("R8000", 6), ("R8001", 3), ("R8008", 2)]),
        Partner(
            ods: "RDY", name: "Dorset HealthCare", kind: .community, licences: 900, charter: "2017-06-01",
            joins: Day(2017, 11, 1), staff: [("R8000", 6), ("R8001", 18), ("R8003", 8)]),
        Partner(
            ods: "RD3", name: "Poole Hospital", kind: .acute, licences: 1600, charter: "2017-05-08",
            joins: Day(2018, 1, 2), closes: trustsMerge, successor: "R0D",
            staff: [("R8000", 11), ("R8001", 18), ("R8008", 6)]),
        Partner(
            ods: "809", name: "Dorset County Council", kind: .localAuthority, licences: 500,
            charter: "2017-05-01",
            joins: Day(2018, 1, 2), closes: councilsMerge, successor: "838", staff: [("R8014", 14)]),
        Partner(
            ods: "RDZ", name: "Royal Bournemouth and Christchurch Hospitals", kind: .acute, licences: 1800,
            charter: "2017-05-08", joins: Day(2018, 6, 4), closes: trustsMerge, successor: "R0D",
            staff: [("R8000", 11), ("R8001", 18), ("R8008", 6)]),
        Partner(
            ods: "810", name: "Bournemouth Borough Council", kind: .localAuthority, licences: 350,
            charter: "2017-05-20", joins: Day(2018, 6, 4), closes: councilsMerge, successor: "839",
            staff: [("R8014", 9)]),
        Partner(
            ods: "811", name: "Borough of Poole", kind: .localAuthority, licences: 300, charter: "2017-05-20",
            joins: Day(2018, 6, 4), closes: councilsMerge, successor: "839", staff: [("R8014", 8)]),
        Partner(
            ods: "ZZ103", name: "Chesil View Surgery", kind: .gp, licences: 30, charter: "2018-11-05",
            joins: Day(2019, 1, 7), staff: [("R8000", 5), ("R8001", 2), ("R8008", 2)]),
        Partner(
            ods: "838", name: "Dorset Council", kind: .localAuthority, licences: 500, charter: "2019-03-11",
            joins: councilsMerge),
        Partner(
            ods: "839", name: "Bournemouth Christchurch and Poole Council", kind: .localAuthority,
            licences: 600,
            charter: "2019-03-11", joins: councilsMerge),
        Partner(
            ods: "R0D", name: "University Hospitals Dorset", kind: .acute, licences: 3400,
            charter: "2020-09-14",
            joins: trustsMerge),
        Partner(
            ods: "ZZ104", name: "Saltern Medical Centre", kind: .gp, licences: 30, charter: "2020-09-01",
            joins: trustsMerge, staff: [("R8000", 5), ("R8001", 2), ("R8008", 2)]),
        Partner(
            ods: "QVV", name: "NHS Dorset Integrated Care Board", kind: .commissioner, licences: 60,
            charter: "2022-06-20", joins: commissionerEnds),
    ]

    static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.ods, $0) })
    static let practices = ["ZZ101", "ZZ102", "ZZ103", "ZZ104"]
    static let community = "RDY"

    /// Where somebody of that home goes to hospital.
    static func hospital(_ index: Int, on day: Day) -> String {
        if index == 0 { return "RBD" }
        return day < trustsMerge ? (index == 1 ? "RD3" : "RDZ") : "R0D"
    }

    /// The council of that home. Christchurch was the county's until 2019.
    static func council(_ person: Person, on day: Day) -> String {
        if day < councilsMerge { return ["809", "810", "811"][person.council] }
        return person.council == 0 && person.address.town != "Christchurch" ? "838" : "839"
    }
}
