import HL7

/// Messages indexed on one core: bytes of messages a second.
///
/// A feed's mix: three ADT messages to one report of forty results, everything in the shapes that UK feeds send.
enum HL7Parse {
    static let rounds = 5
    private static let messages = 20_000

    static var benchmark: Benchmark {
        Benchmark("hl7v2.parse") { run in
            run.line("hl7v2.parse") {
                let feed = Self.feed()
                let bytes = feed.reduce(0) { $0 + $1.count }
                var rates: [Double] = []
                for round in 0...rounds {
                    var segments = 0
                    let spent = try seconds {
                        for message in feed { segments += try HL7Message(message).segmentCount }
                    }
                    let rate = Double(bytes) / spent / 1e6
                    Report.note(
                        "  round \(round): \(Report.plain(rate)) MB/s, \(segments) segments of \(bytes) bytes"
                    )
                    if round > 0 { rates.append(rate) }
                }
                Report.value("hl7v2.parse", median(rates), unit: "MB/s")
            }
        }
    }

    private static func feed() -> [[UInt8]] {
        var random = SplitMix64(seed: 7)
        return (0..<messages).map { number in
            Array((number % 4 == 3 ? report : admission)(number, &random).utf8)
        }
    }

    private static func head(_ type: String, _ number: Int) -> String {
        "MSH|^~\\&|PAS|RBD|DCR|REGION|20180201093\(number % 10)15||\(type)|\(number)|P|2.4|||AL|NE\r"
            + "PID|1||H\(number)^^^RBD^MR~9990000018^^^NHS^NH||Testington^Ann^Marie^^Mrs^^L||19700101|2|||"
            + "1 High Street^Wareham^Dorchester^Dorset^DT1 1AA^GBR^H||01305 000000^PRN^PH~07700 900000^PRN^CP|||M\r"
    }

    private static func admission(_ number: Int, _ random: inout SplitMix64) -> String {
        head("ADT^A01^ADT_A01", number)
            + "EVN|A01|20180201093015\rPD1|||The Surgery^^J81000|G1234567^Jones^Alan^^^Dr\r"
            + "NK1|1|Testington^Robert|SPO^Spouse|1 High Street^Wareham^Dorchester^Dorset^DT1 1AA|01305 000000\r"
            + "PV1|1|I|WARD\(random.next() % 30)^BAY2^BED4^RBD|||^^^|C1234567^Smith^John^^^Mr|||100||||||||V\(number)^^^RBD^VN"
            + String(repeating: "|", count: 25) + "20180201090000\r"
            + "AL1|1|DA|PEN^Penicillin^L|MO|Rash\rDG1|1||J18.9^Pneumonia^I10|||A\rZU1|20180101|||||Y\r"
    }

    private static func report(_ number: Int, _ random: inout SplitMix64) -> String {
        var out = head("ORU^R01^ORU_R01", number)
        out +=
            "ORC|RE|P\(number)|F\(number)\rOBR|1|P\(number)|F\(number)|FBC^Full blood count^L|||201802010900|||||||201802010930|SER"
        out += "^Serum|C1234567^Smith^John||||||201802011000||HM|F\r"
        for line in 1...40 {
            let value = Double(random.next() % 10_000) / 100
            out +=
                "OBX|\(line)|NM|4420\(line)^Haemoglobin estimation^L||\(value)|g/L|130.0-180.0|N|||F|||201802010945|RBD\r"
            if line % 10 == 0 {
                out +=
                    "NTE|1||Sample slightly haemolysed; interpret with care. Repeat if clinically indicated.\r"
            }
        }
        return out
    }
}
