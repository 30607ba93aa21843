import Ciphers
import Intake
import Wire

/// HL7 v2 messages: of persons (A28, A31), of visits (admissions to cancels), of results (ORU^R01), and of who is whom (A24, A29, A37, A40).
///
/// What such a message says is meant here, and written as bytes. How its resources are spelt is taken as intake spells them
/// (`ADTTests`, `ORUTests` and the corpora hold that); what they are of, what is done with them and all that follows is not.
extension MessageFactory {
    private static let second: Int64 = 1_000_000
    private static let hour: Int64 = 3600 * second

    mutating func hospitalMessage(_ number: Int, now: Instant, rng: inout SplitMix64) -> MessageSpec? {
        let (subject, person) = rng.pick(people.subjects)
        var said = people.assertion(of: person, placeholders: placeholders, rng: &rng)
        // One PID-32 speaks for every number.
        let verified = rng.chance(4, in: 5)
        for index in said.numbers.indices { said.numbers[index].verified = verified }
        let offset = rng.pick([
            0, 0, 0, 0, -Self.hour, -Self.hour, -24 * Self.hour, -24 * Self.hour, -2400 * Self.hour,
            5 * Self.hour, 72 * Self.hour,
        ])
        let sent = Self.whole(now.microseconds + offset)
        var meant = MessageSpec(
            source: subject.organisation, file: "f\(number).hl7", identifier: "hl7-\(number)",
            timestamp: Instant(microseconds: sent), patient: subject, assertion: said, items: [], bytes: [])
        meant.isHL7 = true
        var (trigger, segments): (String, [String])
        var mother: SubjectName?
        switch rng.below(12) {
        case 0, 1: (trigger, segments) = (rng.pick(["ADT^A28", "ADT^A31"]), Self.practice(&meant, &rng))
        case 2...4: (trigger, segments) = Self.visit(&meant, now, &rng)
        case 5...8: (trigger, segments) = ("ORU^R01", Self.report(of: subject, at: sent, &rng))
        default: (trigger, segments, mother) = joint(&meant, &rng)
        }
        // Only some events describe the person; the PID of the others merely says who it is.
        let describes = [
            "ADT^A28", "ADT^A31", "ADT^A01", "ADT^A04", "ADT^A05", "ADT^A08", "ADT^A14",
        ].contains(trigger)
        if !describes { meant.asserted = Instant(rfc3339: "1900-01-01T00:00:00Z") }
        let head =
            "MSH|^~\\&|PAS|\(meant.source)|DCR|D|\(Self.text(sent))||\(trigger)|\(meant.identifier ?? "")|P|2.4"
            + "||||||UNICODE UTF-8"
        let ended = rng.pick(["\r", "\r\n", "\n"])
        meant.bytes = Array(
            ([head, Self.pid(subject, said, verified: verified, mother)] + segments).joined(separator: ended)
                .utf8)
        return Self.spelt(meant)
    }

    /// PD1-3: mostly the sender itself.
    private static func practice(_ meant: inout MessageSpec, _ rng: inout SplitMix64) -> [String] {
        guard rng.chance(2, in: 3) else { return [] }
        let code = rng.pick([meant.source, meant.source, "ZZ101", "ZZ999"])
        meant.care = CareWord(kind: .person, organisations: [code])
        return ["PD1|||Surgery^^\(code)"]
    }

    private static func whole(_ microseconds: Int64) -> Int64 { microseconds - microseconds % second }

    private static func text(_ microseconds: Int64) -> String {
        Instant(microseconds: microseconds).rfc3339.filter(\.isNumber).prefix(14) + "+0000"
    }

    private static func pid(
        _ subject: SubjectName, _ said: MessageSpec.Assertion, verified: Bool, _ mother: SubjectName?
    ) -> String {
        var fields = Array(repeating: "", count: 33)
        fields[0] = "PID"
        fields[3] =
            (said.numbers.map { "\($0.digits)^^^NHS^NH" } + [recordNumber(subject)]).joined(separator: "~")
        if said.family != nil || said.given != nil {
            fields[5] = "\(said.family ?? "")^\(said.given ?? "")^^^^^L"
        }
        fields[7] = (said.birthDate ?? "").filter(\.isNumber)
        fields[21] = mother.map(recordNumber) ?? ""
        fields[32] = verified ? "NSTS01" : "NSTS02"
        return fields.joined(separator: "|")
    }

    private static func recordNumber(_ subject: SubjectName) -> String {
        "\(subject.localID)^^^\(subject.organisation)^MR"
    }

    /// Merges, links, their undoing, and a person who should not be there: of two of the source's ids, known or not.
    private func joint(
        _ meant: inout MessageSpec, _ rng: inout SplitMix64
    ) -> (String, [String], mother: SubjectName?) {
        guard let subject = meant.patient else { return ("ADT^A29", [], nil) }
        let unknown = SubjectName(organisation: subject.organisation, localID: "U1")
        let known = people.subjects.map(\.name).filter {
            $0.organisation == subject.organisation && $0 != subject
        }
        let other = rng.chance(1, in: 8) ? unknown : rng.maybePick(known) ?? unknown
        let isMother = rng.chance(1, in: 10)
        let mother = isMother ? other : nil
        switch rng.below(8) {
        case 0...3:
            meant.identity = .merges(retired: other, isMother: isMother)
            return ("ADT^A40", ["MRG|\(Self.recordNumber(other))"], mother)
        case 4:
            let birth = rng.pick([nil, meant.assertion?.birthDate, "1950-01-02", "1950-02-01"])
            meant.identity = .links(other, birthDate: birth, isMother: isMother)
            let digits = (birth ?? "").filter(\.isNumber)
            return ("ADT^A24", ["PID|||\(Self.recordNumber(other))||||\(digits)"], mother)
        case 5, 6:
            meant.identity = .parts(other)
            return ("ADT^A37", ["PID|||\(Self.recordNumber(other))"], mother)
        default:
            meant.identity = .deletes
            meant.care = CareWord(kind: .person, state: .over)
            return ("ADT^A29", [], nil)
        }
    }

    /// One of a patient's two visits, or now and then one that other patients of the source have too, told in any order, with beginnings that don't always agree.
    private static func visit(
        _ meant: inout MessageSpec, _ now: Instant, _ rng: inout SplitMix64
    ) -> (String, [String]) {
        let from = whole(now.microseconds - rng.pick([hour, 30 * hour, 30 * hour, 80 * hour]))
        let to = whole(now.microseconds - rng.pick([0, 2 * hour, 26 * hour]))
        let event = rng.pick([
            "A01", "A01", "A01", "A08", "A08", "A08", "A03", "A03", "A03", "A11", "A11", "A13", "A13", "A04",
            "A04", "A06", "A07", "A02", "A12", "A16", "A25", "A38", "A27", "A05", "A14",
        ])
        var state: MessageSpec.VisitWord.State
        switch event {
        case "A03": state = .ended(to)
        // The end that these carry is not one yet.
        case "A16", "A25": state = .goesOn
        case "A08", "A02", "A12": state = rng.chance(1, in: 4) ? .ended(to) : .goesOn
        case "A11", "A38", "A27": state = .neverWas
        case "A05", "A14": state = .planned
        default: state = .begins
        }
        let number = rng.chance(1, in: 4) ? "VX" : "V\(rng.below(2))-\(meant.patient?.localID ?? "")"
        var visit = MessageSpec.VisitWord(number: number, state: state, from: from)
        let patientClass = rng.pick(["I", "E", "O"])
        var tellsEnd = ["A13", "A16", "A25"].contains(event) && rng.chance(1, in: 2)
        switch state {
        case .ended: tellsEnd = true
        case .begins, .goesOn:
            guard patientClass == "O", let sent = meant.timestamp?.microseconds else { break }
            visit.until = LondonCalendar.end(
                of: max(LondonCalendar.day(of: from), LondonCalendar.day(of: sent)))
        case .neverWas, .planned: break
        }
        meant.visit = visit
        var fields = Array(repeating: "", count: tellsEnd ? 46 : 45)
        (fields[0], fields[2], fields[3]) = ("PV1", patientClass, "WARD1")
        (fields[19], fields[44]) = (number, text(from))
        if tellsEnd { fields[45] = text(to) }
        return ("ADT^\(event)", [fields.joined(separator: "|")])
    }

    /// One of a patient's three reports, with one or two results under any status; or a report that others have too.
    private static func report(
        of subject: SubjectName, at time: Int64, _ rng: inout SplitMix64
    ) -> [String] {
        let specimen = rng.pick(["", "BLD", "UR"])
        let taken = text(whole(time - hour))
        let isAnybodys = rng.chance(1, in: 6)
        let number = isAnybodys ? "RX" : "R\(rng.below(3))-\(subject.localID)"
        var out = ["OBR|1||\(number)|BAT^Battery^L|||\(taken)||||||||\(specimen)"]
        for (index, code) in ["86406008^Serology^SCT", "718-7^Haemoglobin^LN"].enumerated()
        where index == 0 || isAnybodys || rng.chance(1, in: 2) {
            let status = rng.pick(["P", "F", "F", "F", "C", "C", "C", "X", "D", "W"])
            let value = "\(rng.pick([4, 5, 6])).\(rng.pick(["0", "5", "50"]))"
            out.append("OBX|\(index + 1)|NM|\(code)||\(value)|mmol/L|3-5|H|||\(status)|||\(taken)")
        }
        return out
    }

    /// With its resources as intake spells them; nil where intake refuses it, which `IntakeAgreementTests` does not allow.
    private static func spelt(_ meant: MessageSpec) -> MessageSpec? {
        let intake = HL7Intake(
            source: meant.source, acceptsTraining: true, digest: { SHA256.hash($0).bytes })
        guard case .success(let draft) = intake.message(meant.bytes, file: meant.file),
            let given = try? DemoMessages.given(draft, file: meant.file)
        else { return nil }
        var out = meant
        out.items = given.items
        return out
    }
}
