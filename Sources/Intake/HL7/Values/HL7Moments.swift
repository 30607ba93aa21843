import CareRecord
import HL7

/// The dates and times of one message. The same few stand in many of its fields: the last ones are kept.
///
/// Confined to the reader of that message.
final class HL7Moments {
    private let calendar: StoreCalendar
    private var known: [(sent: ArraySlice<UInt8>, moment: HL7Moment?)] = []
    /// The place of the one to be replaced next.
    private var next = 0
    private static let kept = 6

    init(_ calendar: StoreCalendar) { self.calendar = calendar }

    /// - Returns: nil where the value is no date or time.
    func moment(_ value: HL7Value) -> HL7Moment? {
        guard value.isValued else { return nil }
        let sent = value.component(1).subcomponent(1).trimmed
        for one in known where one.sent == sent { return one.moment }
        let moment = HL7Time(sent).flatMap { HL7Moment($0, calendar) }
        if known.count < Self.kept {
            known.append((sent, moment))
        } else {
            known[next] = (sent, moment)
            next = (next + 1) % Self.kept
        }
        return moment
    }
}
