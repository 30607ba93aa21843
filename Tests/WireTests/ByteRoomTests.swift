import Seeded
import Testing
import Wire

@Suite struct ByteRoomTests {
    private func written(_ body: (inout ByteRoom) -> Void) -> String {
        var out = Array("before".utf8)
        out.append(room: 64, body)
        return String(decoding: out, as: UTF8.self)
    }

    @Test func numbersAreWrittenAsSwiftWritesThem() {
        var values: [UInt64] = [0, 9, .max, .max - 1]
        var power: UInt64 = 10
        for _ in 0..<19 {
            values += [power - 1, power, power + 1]
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        var random = SplitMix64(seed: 7)
        for shift in 0..<64 { values.append(random.next() >> UInt64(shift)) }
        for value in values {
            #expect(written { $0.append(decimal: value) } == "before\(value)")
        }
    }

    @Test func instantsAreReadAgain() {
        var random = SplitMix64(seed: 8)
        for round in 0..<2000 {
            // Of the years 0001 to 9999, whole seconds among them.
            var microseconds = Int64(random.next() % 315_537_897_600_000_000) - 62_135_596_800_000_000
            if round % 3 == 0 { microseconds -= microseconds % 1_000_000 }
            let instant = Instant(microseconds: microseconds)
            let text = instant.rfc3339
            #expect(Instant(rfc3339: text) == instant)
            #expect(text.utf8.count == (microseconds % 1_000_000 == 0 ? 20 : Instant.rfc3339Length))
            #expect(written { $0.append(instant) } == "before" + text)
        }
    }

    /// Against the calendar's own arithmetic: each day of the years 0000 to 9999 that begins or ends a month, and days between.
    @Test func datesAreTheCalendars() {
        let first = CivilDate(daysSinceEpoch: -719_528)
        #expect((first.year, first.month, first.day) == (0, 1, 1))
        var days: [Int64] = []
        for day in Int64(-719_528)...2_932_896 {
            let of = CivilDate(daysSinceEpoch: day).day
            if of == 1 || of >= 28 || day % 53 == 0 { days.append(day) }
        }
        for day in days {
            let date = CivilDate(daysSinceEpoch: day)
            let instant = Instant(microseconds: day * 86_400_000_000 + 86_399_999_999)
            #expect(written { $0.append(instant) } == "before\(date)T23:59:59.999999Z")
        }
    }

    @Test func piecesFollowOneAnother() {
        let text = written { room in
            room.append(UInt8(ascii: "{"))
            room.append(#""a":"#)
            Array("17".utf8).withUnsafeBytes { room.append($0) }
            room.append(UnsafeRawBufferPointer(start: nil, count: 0))
            room.append(UInt8(ascii: "}"))
        }
        #expect(text == #"before{"a":17}"#)
    }
}
