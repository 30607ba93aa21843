import CareRecord
import Wire

/// One HL7 v2.4 message as English hospitals send it: sex as 1 or 2, the NHS number with its own authority, a Z-segment, local
/// time without an offset. Segments end with a carriage return. No text has a separator in it.
struct HL7Message {
    let source: String
    let person: Person
    let time: Instant
    private var segments: [String] = []

    /// What the source knows of the number: nil for none.
    enum Number { case verified, traced, none }

    /// - Parameters:
    ///   - trigger: `ADT^A01`.
    ///   - control: MSH-10.
    init(_ trigger: String, _ source: String, _ person: Person, at time: Instant, control: String) {
        (self.source, self.person, self.time) = (source, person, time)
        let stamp = Self.local(time)
        let application = trigger.hasPrefix("ORU") ? "LIMS" : "PAS"
        segments = [
            "MSH|^~\\&|\(application)|\(source)|DCR|DORSET|\(stamp)||\(trigger)|\(control)|P|2.4||||||UNICODE UTF-8"
        ]
        if trigger.hasPrefix("ADT") { segments.append("EVN|\(trigger.suffix(3))|\(stamp)") }
    }

    var bytes: [UInt8] { Array(segments.map { $0 + "\r" }.joined().utf8) }

    mutating func add(_ segment: String) { segments.append(segment) }

    /// `20180305101500`, on the clock that hangs on the ward's wall.
    static func local(_ instant: Instant) -> String {
        let minutes = StoreCalendar.london.offsetMinutes(at: instant)
        return String(instant.adding(minutes: minutes).rfc3339.prefix(19).filter { $0.isNumber })
    }

    mutating func patient(
        _ number: Number = .verified, localID: String? = nil, movedTo line: String? = nil, died: Day? = nil
    ) {
        let home = person.address
        let ids =
            (number == .none ? "" : "\(person.nhs)^^^NHS^NH~")
            + "\(localID ?? person.localID(at: source))^^^\(source)^MR"
        var fields = Array(repeating: "", count: 33)
        fields[0] = "PID"
        fields[1] = "1"
        fields[3] = ids
        fields[5] = "\(person.family)^\(person.given)^^^^^L"
        fields[7] = person.birth.description.filter { $0 != "-" }
        fields[8] = person.isFemale ? "2" : "1"
        fields[11] = "\(line ?? home.line)^^\(home.town)^Dorset^\(home.postcode)^GBR^H"
        fields[13] = home.phone
        if let died {
            fields[29] = died.digits
            fields[30] = "Y"
        }
        if number != .none { fields[32] = number == .verified ? "NSTS01" : "NSTS02" }
        while fields.last == "" { fields.removeLast() }
        segments.append(fields.joined(separator: "|"))
    }

    mutating func practice(_ ods: String, _ name: String) { segments.append("PD1|||\(name)^^\(ods)") }

    mutating func kin(_ other: Person) {
        segments.append(
            "NK1|1|\(other.family)^\(other.given)|SPO^Next of kin|\(other.address.line)^^\(other.address.town)|\(other.address.phone)"
        )
    }

    /// - Parameter stay: the class (I, E, O), ward, visit number, and when it began and ended.
    mutating func visit(_ stay: Stay) {
        var fields = Array(repeating: "", count: 46)
        fields[0] = "PV1"
        fields[1] = "1"
        fields[2] = stay.patientClass
        fields[3] =
            "\(stay.ward.uppercased())^BAY\(person.number % 4 + 1)^B\(person.number % 6 + 1)^\(source)"
        fields[10] = stay.ward
        fields[19] = "\(stay.number)^^^\(source)^VN"
        fields[44] = Self.local(stay.admitted)
        if let discharged = stay.discharged {
            fields[36] = "1"
            fields[45] = Self.local(discharged)
        }
        while fields.last == "" { fields.removeLast() }
        segments.append(fields.joined(separator: "|"))
        segments.append("ZU1|\(stay.number)|\(source)|\(stay.ward)")
    }

    struct Stay: Sendable {
        var patientClass: String
        var ward: String
        var number: String
        var admitted: Instant
        var discharged: Instant?
    }

    mutating func diagnosis(_ code: String, _ name: String) {
        segments.append("DG1|1||\(code)^\(name)^I10||\(Self.local(time))|A")
    }

    mutating func allergy(_ name: String, _ reaction: String) {
        segments.append("AL1|1|DA|^\(name)|SV|\(reaction)")
    }

    /// A laboratory report: one OBX for each value.
    mutating func report(_ report: Report) {
        segments.append(
            "OBR|1|\(report.order)^\(source)|\(report.order)-L^\(source)|\(report.code)^\(report.name)^LN|||\(Self.local(report.taken))||||||||BLDV&Venous blood|||||||\(Self.local(time))||CH|\(report.status)"
        )
        for (index, value) in report.values.enumerated() {
            let shown = value.status == "X" ? "" : Self.decimal(value.tenths)
            let flag =
                value.status == "X"
                ? "" : value.tenths > value.analyte.high ? "H" : value.tenths < value.analyte.low ? "L" : "N"
            segments.append(
                "OBX|\(index + 1)|NM|\(value.analyte.loinc)^\(value.analyte.name)^LN||\(shown)|\(value.analyte.unit)|\(Self.decimal(value.analyte.low))-\(Self.decimal(value.analyte.high))|\(flag)|||\(value.status)|||\(Self.local(report.taken))"
            )
            if let note = report.note, value.status == "C" { segments.append("NTE|1|L|\(note)") }
        }
    }

    struct Report: Sendable {
        struct Value: Sendable {
            var analyte: Vocabulary.Analyte
            var tenths: Int
            var status: String
        }
        var order: String
        var code: String
        var name: String
        var taken: Instant
        var status: String
        var values: [Value]
        /// Of the corrected value.
        var note: String?
    }

    /// An imaging report in words.
    mutating func imaging(order: String, _ name: String, _ text: String, taken: Instant, status: String) {
        segments.append(
            "OBR|1|\(order)^\(source)|\(order)-R^\(source)|\(name.uppercased().filter { $0 != " " })^\(name)^L|||\(Self.local(taken))|||||||||||||||\(Self.local(time))||RAD|\(status)"
        )
        segments.append("OBX|1|TX|RPT^Report^L||\(text)||||||\(status)|||\(Self.local(taken))")
    }

    mutating func retired(_ localID: String) { segments.append("MRG|\(localID)^^^\(source)^MR") }

    private static func decimal(_ tenths: Int) -> String {
        tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
