import Foundation
import HTTPTypes
import Wire

/// Conditional reads (RFC 9110, 13): compared after the decision and the receipt, so that they tell nothing else.
enum Conditions {
    static func isUnchanged(_ headers: HTTPFields, version: UInt64, modified: Instant?) -> Bool {
        if let tags = headers[.ifNoneMatch] {
            return tags.split(separator: ",").contains { tag in
                let bare = tag.trimmingCharacters(in: .whitespaces)
                return bare == "*" || bare == "W/\"\(version)\"" || bare == "\"\(version)\""
            }
        }
        guard let text = headers[.ifModifiedSince], let since = HTTPDate.instant(text), let modified else {
            return false
        }
        return modified.microseconds / 1_000_000 <= since.microseconds / 1_000_000
    }
}

/// HTTP's dates (RFC 9110, 5.6.7).
enum HTTPDate {
    private static func formatter() -> DateFormatter {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Hot: of every resource read.
    static func text(_ instant: Instant) -> String {
        let seconds = instant.microseconds / 1_000_000
        let day = seconds / 86_400
        let date = CivilDate(daysSinceEpoch: day)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let rest = Int(seconds - day * 86_400)
        return "\(days[Int(day % 7)]), \(two(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT"
    }

    static func instant(_ text: String) -> Instant? {
        formatter().date(from: text).map {
            Instant(microseconds: Int64($0.timeIntervalSince1970) * 1_000_000)
        }
    }
}
