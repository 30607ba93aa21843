import CareRecord
import Wire

/// Periods of a region file as it writes them: in days of the region's zone.
struct RegionDays {
    private let calendar: StoreCalendar

    /// - Parameter before: the policy in force; before any, days are London's, as everywhere.
    init(_ before: RegionDeclaration) { calendar = before.settings?.calendar ?? .london }

    /// What a period gained and lost at either end: nil begins with the record, or never ends.
    func periods(
        _ old: (from: Instant?, to: Instant?), _ new: (from: Instant?, to: Instant?)
    ) -> (longer: [String], shorter: [String]) {
        var (longer, shorter): ([String], [String]) = ([], [])
        func day(_ instant: Instant?) -> String {
            instant.map { calendar.date(of: $0).description } ?? "no end"
        }
        if old.to != new.to {
            let words = "until \(day(new.to)), before until \(day(old.to))"
            if new.to ?? .distantFuture > old.to ?? .distantFuture {
                longer.append(words)
            } else {
                shorter.append(words)
            }
        }
        if old.from != new.from {
            let start = new.from.map { day($0) } ?? "when it was recorded"
            let words = "from \(start), before from \(old.from.map { day($0) } ?? "when it was recorded")"
            if new.from ?? .distantPast < old.from ?? .distantPast {
                longer.append(words)
            } else {
                shorter.append(words)
            }
        }
        return (longer, shorter)
    }
}
