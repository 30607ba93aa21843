import Testing
import Wire

@Suite struct InstantTests {
    @Test func roundTripsThroughRFC3339() {
        for text in [
            "1969-12-31T23:59:59Z", "2018-02-01T09:30:00Z", "2018-02-01T09:30:00.000001Z",
            "2000-02-29T00:00:00Z",
        ] {
            #expect(Instant(rfc3339: text)?.rfc3339 == text)
        }
    }

    @Test func readsOffsets() {
        #expect(Instant(rfc3339: "2018-06-01T00:30:00+01:00") == Instant(rfc3339: "2018-05-31T23:30:00Z"))
        #expect(Instant(rfc3339: "2018-06-01") == nil)
        #expect(Instant(rfc3339: "2018-02-30T00:00:00Z") == nil)
        #expect(Instant(rfc3339: "2018-02-01T24:00:00Z") == nil)
    }

    @Test func everyDayOfFourCenturiesRoundTrips() {
        var day = CivilDate(year: 1700, month: 1, day: 1)!.daysSinceEpoch
        let last = CivilDate(year: 2100, month: 1, day: 1)!.daysSinceEpoch
        var previous = CivilDate(daysSinceEpoch: day - 1)
        while day <= last {
            let date = CivilDate(daysSinceEpoch: day)
            #expect(date.daysSinceEpoch == day)
            #expect(previous < date)
            #expect(CivilDate(date.description) == date)
            previous = date
            day += 1
        }
    }
}
