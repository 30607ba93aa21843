import Ciphers
import Intake
import Wire

/// HL7 v2 messages: of persons (A28, A31), of visits (A01, A03, A08, A11, A13) and results (ORU^R01).
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
        let offset = rng.pick([0, 0, -Self.hour, -24 * Self.hour, -2400 * Self.hour])
        let sent = Self.whole(now.microseconds + offset)
        var meant = MessageSpec(
            source: subject.organisation, file: "f\(number).hl7", identifier: "hl7-\(number)",
            timestamp: Instant(microseconds: sent), patient: subject, assertion: said, items: [], bytes: [])
        meant.isHL7 = true
        var (trigger, segments): (String, [String])
        switch rng.below(8) {
        case 0, 1: (trigger, segments) = (rng.pick(["ADT^A28", "ADT^A31"]), Self.practice(&meant, &rng))
        case 2...4: (trigger, segments) = Self.visit(&meant, now, &rng)
        default: (trigger, segments) = ("ORU^R01", Self.report(of: subject, at: sent, &rng))
        }
        // Only some events describe the person; the PID of the others merely says who it is.
        let describes = ["ADT^A28", "ADT^A31", "ADT^A01", "ADT^A08"].contains(trigger)
        if !describes { meant.asserted = Instant(rfc3339: "1900-01-01T00:00:00Z") }
        let head =
            "MSH|^~\\&|PAS|\(meant.source)|DCR|D|\(Self.text(sent))||\(trigger)|\(meant.identifier ?? "")|P|2.4"
            + "||||||UNICODE UTF-8"
        let ended = rng.pick(["\r", "\r\n", "\n"])
        meant.bytes = Array(
            ([head, Self.pid(subject, said, verified: verified)] + segments).joined(separator: ended).utf8)
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

    private static func pid(_ subject: SubjectName, _ said: MessageSpec.Assertion, verified: Bool) -> String {
        var fields = Array(repeating: "", count: 33)
        fields[0] = "PID"
        fields[3] =
            (said.numbers.map { "\($0.digits)^^^NHS^NH" } + [
                "\(subject.localID)^^^\(subject.organisation)^MR"
            ])
            .joined(separator: "~")
        if said.family != nil || said.given != nil {
            fields[5] = "\(said.family ?? "")^\(said.given ?? "")^^^^^L"
        }
        fields[7] = (said.birthDate ?? "").filter(\.isNumber)
        fields[32] = verified ? "NSTS01" : "NSTS02"
        return fields.joined(separator: "|")
    }

    /// One of a patient's two visits, told in any order, with beginnings that don't always agree.
    private static func visit(
        _ meant: inout MessageSpec, _ now: Instant, _ rng: inout SplitMix64
    ) -> (String, [String]) {
        let from = whole(now.microseconds - rng.pick([hour, 30 * hour, 30 * hour, 80 * hour]))
        let to = whole(now.microseconds - rng.pick([0, 2 * hour, 26 * hour]))
        let event = rng.pick(["A01", "A01", "A08", "A08", "A03", "A03", "A11", "A13"])
        let isOver = event == "A03" || (event == "A08" && rng.chance(1, in: 4))
        let state: MessageSpec.VisitWord.State =
            isOver ? .ended(to) : event == "A08" ? .goesOn : event == "A11" ? .neverWas : .begins
        let number = "V\(rng.below(2))-\(meant.patient?.localID ?? "")"
        meant.visit = .init(number: number, state: state, from: from)
        var fields = Array(repeating: "", count: isOver ? 46 : 45)
        (fields[0], fields[2], fields[3]) = ("PV1", rng.pick(["I", "E"]), "WARD1")
        (fields[19], fields[44]) = (number, text(from))
        if isOver { fields[45] = text(to) }
        return ("ADT^\(event)", [fields.joined(separator: "|")])
    }

    /// One of a patient's three reports, with one or two results under any status.
    private static func report(
        of subject: SubjectName, at time: Int64, _ rng: inout SplitMix64
    ) -> [String] {
        let specimen = rng.pick(["", "BLD", "UR"])
        let taken = text(whole(time - hour))
        var out = ["OBR|1||R\(rng.below(3))-\(subject.localID)|BAT^Battery^L|||\(taken)||||||||\(specimen)"]
        for (index, code) in ["86406008^Serology^SCT", "718-7^Haemoglobin^LN"].enumerated()
        where index == 0 || rng.chance(1, in: 2) {
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
