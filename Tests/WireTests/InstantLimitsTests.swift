import Testing
import Wire

@Suite struct InstantLimitsTests {
    /// A damaged log's times are any number, and what is said about them must not fail.
    @Test func everyNumberHasAText() {
        for value in [Int64.min, Int64.min + 1, -62_167_219_200_000_001, 253_402_300_800_000_000, Int64.max] {
            let instant = Instant(microseconds: value)
            #expect(instant.description == "\(value) microseconds")
            #expect(instant.rfc3339 == (value < 0 ? "0000-01-01T00:00:00Z" : "9999-12-31T23:59:59.999999Z"))
        }
        #expect(Instant(microseconds: -62_167_219_200_000_000).description == "0000-01-01T00:00:00Z")
    }
}
