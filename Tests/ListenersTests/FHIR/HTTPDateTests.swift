import Testing
import Wire

@testable import Listeners

/// HTTP's dates, both ways, also before 1970.
@Suite struct HTTPDateTests {
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
        ("Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59Z"),
        ("Tue, 29 Feb 2000 12:00:00 GMT", "2000-02-29T12:00:00Z"),
        ("Mon, 01 Jan 1900 00:00:00 GMT", "1900-01-01T00:00:00Z"),
    ])
    func aDateReadsAsItIsWritten(text: String, time: String) throws {
        let instant = try #require(Instant(rfc3339: time))
        #expect(HTTPDate.text(instant) == text)
        #expect(HTTPDate.instant(text) == instant)
    }

    @Test func partsOfASecondAreLeftOut() {
        #expect(HTTPDate.text(Instant(microseconds: -1)) == "Wed, 31 Dec 1969 23:59:59 GMT")
        #expect(HTTPDate.text(Instant(microseconds: 999_999)) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test(arguments: [
        "", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
    ])
    func anythingElseIsNone(text: String) { #expect(HTTPDate.instant(text) == nil) }
}
