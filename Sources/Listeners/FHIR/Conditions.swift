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
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Hot: of every resource read.
    static func text(_ instant: Instant) -> String {
        // Rounded down, also before 1970.
        var seconds = instant.microseconds / 1_000_000
        if instant.microseconds % 1_000_000 < 0 { seconds -= 1 }
        let day = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
        let date = CivilDate(daysSinceEpoch: day)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let rest = Int(seconds - day * 86_400)
        return "\(days[Int((day % 7 + 7) % 7)]), \(two(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT"
    }

    /// - Returns: nil for anything but the one form that is sent: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func instant(_ text: String) -> Instant? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[0].count == 4, words[0].last == ",", words[5] == "GMT",
            let day = number(words[1], 2), let month = months.firstIndex(of: String(words[2])),
            let year = number(words[3], 4)
        else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], 2), let minute = number(time[1], 2),
            let second = number(time[2], 2), hour < 24, minute < 60, second <= 60,
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        return Instant(microseconds: seconds * 1_000_000)
    }

    private static func number(_ text: Substring, _ digits: Int) -> Int? {
        text.utf8.count == digits && text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) ? Int(text) : nil
    }
}
