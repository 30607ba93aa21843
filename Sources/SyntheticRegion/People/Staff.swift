/// Everyone who may look, of every partner and of all five years.
struct Staff: Sendable {
    private(set) var members: [Member] = []
    private var indices: [String: Int] = [:]
    /// Members who work nowhere else, by employer as it was when they came.
    private var byEmployer: [String: [Int]] = [:]

    static let wards = ["cardiology", "emergency", "surgery", "paediatrics", "geriatrics"]
    /// Patients for each doubling of the staff.
    private static let patientsForAsManyAgain = 25_000

    init(patients: Int, seed: UInt64) {
        var dice = Dice(seed: seed, .staff, 0)
        var numbers: [String: Int] = [:]
        for partner in Partner.all {
            for (role, count) in partner.staff {
                for place in 0..<(count + count * patients / Self.patientsForAsManyAgain) {
                    let prefix = Self.prefix(role, partner.kind)
                    numbers[prefix, default: 0] += 1
                    let id = "\(prefix)-\(numbers[prefix]!)"
                    add(Self.member(id, role, partner, place, &dice))
                }
            }
        }
        addOfficers()
        beThemselvesPatients(patients, seed, &dice)
    }

    private static func prefix(_ role: String, _ kind: Partner.Kind) -> String {
        switch role {
        case "R8000": kind == .gp ? "gp" : kind == .acute ? "consultant" : "doctor"
        case "R8001": "nurse"
        case "R8003": "therapist"
        case "R8008": "clerk"
        default: "social"
        }
    }

    private static func member(
        _ id: String, _ role: String, _ partner: Partner, _ place: Int, _ dice: inout Dice
    ) -> Member {
        let isFemale = dice.chance(3, in: 5)
        let family = dice.pick(Names.families)
        let title = role == "R8000" ? "Dr " : ""
        let name = title + dice.pick(isFemale ? Names.female : Names.male) + " " + family
        var member = Member(id: id, name: name, family: family, role: role, posts: [])
        // The first of each come with their employer; a third of the rest come later, and a tenth leave.
        var from = partner.joins
        if place > 1, dice.chance(1, in: 3) { from = from.adding(dice.from(30, to: 900)) }
        var to: Day?
        if place > 1, dice.chance(1, in: 10) {
            let day = from.adding(dice.from(200, to: 1200))
            if day.index < Day.count - 60 { to = day }
        }
        if let to { member.leavingRecorded = dice.chance(1, in: 2) ? to.adding(-20) : to.adding(35) }
        let groups =
            partner.kind == .acute
            ? [wards[place % wards.count]]
            : partner.kind == .community ? [place % 2 == 0 ? "district-nursing" : "rehabilitation"] : []
        member.worksNights = partner.kind == .acute && role != "R8008" && place % 3 == 1
        member.posts = posts(partner, groups, from, to)
        return member
    }

    /// With the successors of an employer that closes: the same people, a new role profile.
    private static func posts(_ partner: Partner, _ groups: [String], _ from: Day, _ to: Day?) -> [Member
        .Post]
    {
        guard let closes = partner.closes, let successor = partner.successor, (to ?? closes) >= closes else {
            return [Member.Post(ods: partner.ods, workgroups: groups, from: from, to: to)]
        }
        if from >= closes { return [Member.Post(ods: successor, workgroups: groups, from: from, to: to)] }
        return [
            Member.Post(ods: partner.ods, workgroups: groups, from: from, to: closes.adding(-1)),
            Member.Post(ods: successor, workgroups: groups, from: closes, to: to),
        ]
    }

    private mutating func addOfficers() {
        let commissioner = Partner.byCode["11J"]!
        for (id, name, role) in [
            ("privacy-1", "Rosalind Privett", "R0001"), ("guardian-ccg", "Dr Ambrose Guard", "R5105"),
            ("auditor-1", "Judith Auden", "AUD1"),
        ] {
            var member = Member(
                id: id, name: name, family: "", role: role, posts: Self.posts(commissioner, [], Day(0), nil))
            member.regionWide = true
            add(member)
        }
        for (id, name, role) in [
            ("privacy-rbd", "Mark Privett", "R0001"), ("guardian-rbd", "Dr Helen Warden", "R5105"),
        ] {
            let post = Member.Post(ods: "RBD", workgroups: [], from: Day(0))
            add(Member(id: id, name: name, family: "", role: role, posts: [post]))
        }
        // One person in two roles at once, who chooses at sign-in.
        let surgery = Member.Post(
            ods: "ZZ101", workgroups: [], from: Day(2018, 1, 2), to: Day(2018, 6, 30), profile: "a")
        let emergency = Member.Post(
            ods: "RD3", workgroups: ["emergency"], from: Day(2018, 3, 1), to: Day(2020, 9, 30), profile: "b")
        add(
            Member(
                id: "locum-1", name: "Dr Felix Locke", family: "Locke", role: "R8000",
                posts: [surgery, emergency]))
    }

    /// One in six lives in the region, and is a patient.
    private mutating func beThemselvesPatients(_ patients: Int, _ seed: UInt64, _ dice: inout Dice) {
        var taken: Set<Int> = [0]
        for index in stride(from: 0, to: members.count - 6, by: 6) {
            for _ in 0..<8 {
                let number = dice.below(patients)
                let person = Person(number, seed: seed)
                guard !taken.contains(number), person.practice < 2, person.birth.year < 1996,
                    person.birth.year > 1952
                else { continue }
                taken.insert(number)
                members[index].patient = number
                members[index].family = person.family
                let title = members[index].role == "R8000" ? "Dr " : ""
                members[index].name = "\(title)\(person.given) \(person.family)"
                break
            }
        }
    }

    private mutating func add(_ member: Member) {
        indices[member.id] = members.count
        byEmployer[member.posts[0].ods, default: []].append(members.count)
        if member.posts.count > 1, member.posts[1].ods != member.posts[0].ods {
            byEmployer[member.posts[1].ods, default: []].append(members.count)
        }
        members.append(member)
    }

    subscript(_ id: String) -> Member { members[indices[id]!] }

    /// Those of an employer and of the roles who work there on a day, and of the workgroup where one is said.
    func working(at ods: String, on day: Day, roles: Set<String>, workgroup: String? = nil) -> [Member] {
        (byEmployer[ods] ?? []).map { members[$0] }.filter { member in
            guard roles.contains(member.role), member.id != "locum-1", let post = member.post(on: day),
                post.ods == ods
            else { return false }
            return workgroup.map { post.workgroups.contains($0) } ?? true
        }
    }
}
