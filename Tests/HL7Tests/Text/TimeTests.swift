import HL7
import Testing

@Suite struct TimeTests {
    private func shown(_ text: String) -> String {
        guard let t = HL7Time(Array(text.utf8)) else { return "none" }
        let offset = t.offset.map { " \($0)" } ?? ""
        let fraction = t.fraction.isEmpty ? "" : "." + String(decoding: t.fraction, as: UTF8.self)
        return
            "\(t.precision) \(t.year)-\(t.month)-\(t.day) \(t.hour):\(t.minute):\(t.second)\(fraction)\(offset)"
    }

    @Test(arguments: [
        ("2018", "year 2018-1-1 0:0:0"), ("201802", "month 2018-2-1 0:0:0"),
        ("20180201", "day 2018-2-1 0:0:0"),
        ("2018020109", "hour 2018-2-1 9:0:0"), ("201802010930", "minute 2018-2-1 9:30:0"),
        ("20180201093015", "second 2018-2-1 9:30:15"),
        ("20180201093015.1234567+0100", "second 2018-2-1 9:30:15.123456 60"),
        ("20180201093015-0430", "second 2018-2-1 9:30:15 -270"), ("20160229", "day 2016-2-29 0:0:0"),
        ("20180201093060", "second 2018-2-1 9:30:59"), ("2018+0000", "year 2018-1-1 0:0:0 0"),
        // Registers that know the year only.
        ("19500000", "year 1950-1-1 0:0:0"), ("19500700", "month 1950-7-1 0:0:0"),
        ("19500000000000", "year 1950-1-1 0:0:0"),
        ("", "none"), ("0000", "none"), ("20181301", "none"), ("20180230", "none"), ("20170229", "none"),
        ("2018020124", "none"), ("201802010960", "none"), ("2018-02-01", "none"), ("20180201 0930", "none"),
        ("20180201093015Z", "none"), ("201", "none"), ("2018020", "none"), ("20180201+1", "none"),
        ("195000010", "none"),
    ])
    func timesAreReadToTheDigitSent(_ sent: String, _ expected: String) {
        #expect(shown(sent) == expected)
    }

    @Test func aTimeOfDay() {
        let clock = HL7Clock(Array("0930".utf8))
        #expect(clock?.hour == 9 && clock?.minute == 30 && clock?.second == 0)
        #expect(HL7Clock(Array("093015.5+0100".utf8))?.fraction == [0x35])
        #expect(HL7Clock([]) == nil && HL7Clock(Array("2500".utf8)) == nil)
    }
}
