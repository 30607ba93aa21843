import Foundation
import Wire

/// Days of the store's zone, by Foundation's calendar: nothing of the calendar that it checks.
enum LondonCalendar {
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/London") ?? .gmt
        return calendar
    }()

    /// The first microsecond of a day.
    static func start(of date: String) -> Int64 {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        let components = DateComponents(year: parts[0], month: parts[1], day: parts[2])
        guard let day = calendar.date(from: components) else { preconditionFailure("no day \(date)") }
        return Int64(calendar.startOfDay(for: day).timeIntervalSince1970) * 1_000_000
    }

    /// Its last.
    static func end(of date: String) -> Int64 { start(of: adding(1, to: date)) - 1 }

    /// The day that an instant lies in.
    static func day(of microseconds: Int64) -> String {
        let seconds = (Double(microseconds) / 1_000_000).rounded(.down)
        let exact = microseconds >= 0 ? microseconds / 1_000_000 : Int64(seconds)
        let parts = calendar.dateComponents(
            [.year, .month, .day], from: Date(timeIntervalSince1970: Double(exact)))
        return String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
    }

    static func adding(_ days: Int, to date: String) -> String {
        guard let day = CivilDate(date) else { preconditionFailure("no day \(date)") }
        return day.adding(days: days).description
    }
}
