import Testing
import Wire

@testable import CareRecord

@Suite struct StoreCalendarTests {
    let london = StoreCalendar.london

    func instant(_ text: String) -> Instant { Instant(rfc3339: text)! }
    func date(_ text: String) -> CivilDate { CivilDate(text)! }

    @Test(arguments: [
        ("2018-01-15", "2018-01-15T00:00:00Z", "2018-01-15T23:59:59.999999Z"),
        ("2018-07-15", "2018-07-14T23:00:00Z", "2018-07-15T22:59:59.999999Z"),
        ("2018-03-25", "2018-03-25T00:00:00Z", "2018-03-25T22:59:59.999999Z"),
        ("2018-10-28", "2018-10-27T23:00:00Z", "2018-10-28T23:59:59.999999Z"),
        ("1970-06-01", "1970-05-31T23:00:00Z", "1970-06-01T22:59:59.999999Z"),
    ]) func `a day begins at its first microsecond and ends at its last, in the store's zone`(
        day: String, start: String, end: String
    ) {
        #expect(london.start(of: date(day)) == instant(start))
        #expect(london.end(of: date(day)) == instant(end))
        #expect(london.date(of: instant(start)) == date(day))
        #expect(london.date(of: instant(end)) == date(day))
    }

    @Test(arguments: [
        ("P84D", "2018-02-01T09:30:00Z", "2018-04-26T22:59:59.999999Z"),
        ("P42D", "2017-10-10T22:59:59.999999Z", "2017-11-21T23:59:59.999999Z"),
        ("P0D", "2018-02-01T09:30:00Z", "2018-02-01T23:59:59.999999Z"),
        ("P1M", "2018-01-31T12:00:00Z", "2018-02-28T23:59:59.999999Z"),
        ("P1Y", "2016-02-29T12:00:00Z", "2017-02-28T23:59:59.999999Z"),
        ("P2W", "2018-01-01T00:00:00Z", "2018-01-15T23:59:59.999999Z"),
        ("PT1H", "2018-03-25T00:30:00.000001Z", "2018-03-25T01:30:00.000001Z"),
        ("PT48H", "2018-03-24T12:00:00Z", "2018-03-26T12:00:00Z"),
        ("P1DT1H", "2018-03-24T12:00:00Z", "2018-03-25T12:00:00Z"),
    ]) func `days of a duration are calendar days, hours are exact`(length: String, from: String, end: String)
    {
        #expect(london.end(of: CalendarDuration(length)!, from: instant(from)) == instant(end))
    }

    @Test(arguments: [
        "", "P", "PT", "P1", "1D", "P1H", "PT1D", "P1D1D", "P1D2W", "P-1D", "P1.5D", "P2000Y",
        "P9999999999999999999D", "p1D", "P1DT",
    ])
    func `what is no ISO 8601 duration is refused`(text: String) {
        #expect(CalendarDuration(text) == nil)
    }

    @Test func `the clocks' changes shift no day in any zone`() throws {
        for name in ["Europe/London", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata", "UTC"] {
            let calendar = try #require(StoreCalendar(timeZone: name))
            var day = date("2015-01-01")
            while day < date("2020-01-01") {
                let start = calendar.start(of: day)
                #expect(calendar.date(of: start) == day, "\(name)")
                #expect(calendar.date(of: Instant(microseconds: start.microseconds - 1)) < day, "\(name)")
                day = day.adding(days: 1)
            }
        }
        #expect(StoreCalendar(timeZone: "Europe/Atlantis") == nil)
    }

    @Test func `WHEN is an instant, a date, a position or the head`() {
        #expect(When("#12") == .position(Position(12)))
        #expect(When("#HEAD") == .head)
        #expect(When("2018-02-01") == .date(date("2018-02-01")))
        #expect(When("2018-02-01T00:00:00+01:00") == .instant(instant("2018-01-31T23:00:00Z")))
        for text in ["", "#", "#0", "#-1", "#1x", "12", "2018-02-30", "2018-02-01T00:00:00", "yesterday"] {
            #expect(When(text) == nil, "\(text)")
        }
        #expect(When("2018-07-01")?.beginning(in: london) == instant("2018-06-30T23:00:00Z"))
        #expect(When("2018-07-01")?.ending(in: london) == instant("2018-07-01T22:59:59.999999Z"))
        #expect(When("#1")?.ending(in: london) == nil)
    }
}
