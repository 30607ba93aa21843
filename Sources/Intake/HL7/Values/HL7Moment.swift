import CareRecord
import HL7
import Wire

/// A date or time of a message: as FHIR writes it, and when it was.
struct HL7Moment: Hashable, Sendable {
    /// A FHIR date, or a dateTime with the source's offset, or, where it sent none, the offset of the store's zone then.
    var text: String
    /// The first instant of it.
    var instant: Instant
    /// Whether it has a time of day.
    var hasTime: Bool
    /// Local time in the hour that comes twice in autumn: the earlier of two instants was taken.
    var isAmbiguous = false

    /// The extension of a time that could be either of two.
    static let ambiguousURL = "https://daybook.invalid/fhir/ambiguous-local-time"
}

extension HL7Moment {
    /// - Returns: nil where the value is no date or time.
    init?(_ value: HL7Value, _ calendar: StoreCalendar) {
        guard value.isValued, let time = HL7Time(value.component(1).subcomponent(1).trimmed) else {
            return nil
        }
        self.init(time, calendar)
    }

    init?(_ time: HL7Time, _ calendar: StoreCalendar) {
        guard let date = CivilDate(year: time.year, month: time.month, day: time.day) else { return nil }
        let year = Self.padded(time.year, 4)
        switch time.precision {
        case .year: self.init(text: year, instant: calendar.start(of: date), hasTime: false)
        case .month:
            self.init(
                text: "\(year)-\(Self.padded(time.month, 2))", instant: calendar.start(of: date),
                hasTime: false)
        case .day: self.init(text: date.description, instant: calendar.start(of: date), hasTime: false)
        case .hour, .minute, .second: self.init(clock: time, date, calendar)
        }
    }

    /// FHIR wants seconds wherever there is an hour: those not sent are zero.
    private init(clock time: HL7Time, _ date: CivilDate, _ calendar: StoreCalendar) {
        let ofDay = time.hour * 3600 + time.minute * 60 + time.second
        let offset: Int
        var seconds = date.daysSinceEpoch * 86_400 + Int64(ofDay)
        var isAmbiguous = false
        if let sent = time.offset {
            offset = sent
            seconds -= Int64(sent) * 60
        } else {
            let local = calendar.local(date, secondsOfDay: ofDay)
            offset = local.offsetMinutes
            seconds = local.seconds
            isAmbiguous = local.isAmbiguous
        }
        var micros: Int64 = 0
        var scale: Int64 = 100_000
        for digit in time.fraction {
            micros += Int64(digit - 0x30) * scale
            scale /= 10
        }
        var text = Array(date.description.utf8)
        text.reserveCapacity(40)
        Self.append("T", time.hour, to: &text)
        Self.append(":", time.minute, to: &text)
        Self.append(":", time.second, to: &text)
        if !time.fraction.isEmpty { text += [UInt8(ascii: ".")] + time.fraction }
        Self.append(offset < 0 ? "-" : "+", abs(offset) / 60, to: &text)
        Self.append(":", abs(offset) % 60, to: &text)
        self.init(
            text: String(decoding: text, as: UTF8.self),
            instant: Instant(microseconds: seconds * 1_000_000 + micros),
            hasTime: true, isAmbiguous: isAmbiguous)
    }

    /// A mark and two digits.
    private static func append(_ mark: Unicode.Scalar, _ number: Int, to text: inout [UInt8]) {
        text.append(UInt8(ascii: mark))
        text.append(UInt8(truncatingIfNeeded: 0x30 + number / 10))
        text.append(UInt8(truncatingIfNeeded: 0x30 + number % 10))
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension FHIRObject {
    /// A date or dateTime; where it could be either of two instants, that is said beside it.
    mutating func set(_ name: String, _ moment: HL7Moment?) {
        guard let moment else { return }
        set(name, moment.text)
        guard moment.isAmbiguous else { return }
        var beside = FHIRObject()
        beside.set("extension", [.ext(HL7Moment.ambiguousURL, "valueBoolean", .flag(true))])
        set("_\(name)", beside)
    }

    /// A Period with what is there of it.
    static func period(_ start: HL7Moment?, _ end: HL7Moment?) -> FHIRObject {
        var out = FHIRObject()
        out.set("start", start)
        // A period that ends before it begins says nothing that can be shown; the message keeps it.
        if let start, let end, end.instant < start.instant { return out }
        out.set("end", end)
        return out
    }
}
