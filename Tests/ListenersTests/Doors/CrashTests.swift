import CareRecord
import EventLog
import Foundation
import Server
import Testing
import Wire

@testable import Listeners

/// Both doors of a real server process: killed between receipt and acknowledgement, fed byte by byte, with a disk that is slow or fails.
@Suite(.serialized) struct CrashTests {
    typealias Step = ServedProcess.Step

    struct Dice {
        var state: UInt64
        mutating func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
    }

    /// Messages of three patients over both doors: updates of the same resources, admissions, results, and what cannot be taken.
    static func messages(_ count: Int, _ dice: inout Dice) -> [Step] {
        (0..<count).map { number in
            let patient = "K\(dice.roll(3))"
            switch dice.roll(8) {
            case 0:
                return Step(
                    name: "\(number)", door: "mllp",
                    body: "MSH|^~\\&|PAS|HARBOUR|||20180205||ADT^A01|bad\(number)|P|2.4\rPV1|1|I\r")
            case 1, 2, 3:
                let minute = 10 + number % 50
                return Step(
                    name: "\(number)", door: "mllp",
                    body:
                        "MSH|^~\\&|PAS|HARBOUR|D|R|2018020513\(minute)00||ADT^A0\(1 + 7 * dice.roll(2))|m\(number)|P|2.4\r"
                        + "PID|1||\(patient)^^^HARBOUR^MR||HALLETT\(number)^MARGARET||19460317|2\rPV1|1|I|CARD^1^2||||||||||||||||V\(patient)\r"
                )
            case 4:
                return Step(name: "\(number)", door: "http", path: "/fhir/Flag/cut", body: "{\"n\":\(number)")
            default:
                let id = "o\(dice.roll(4))-\(patient)"
                return Step(
                    name: "\(number)", door: "http", path: "/fhir/Observation/\(id)",
                    body:
                        #"{"resourceType":"Observation","id":"\#(id)","status":"final","code":{"text":"N"},"#
                        + #""subject":{"reference":"Patient/\#(patient)"},"valueString":"\#(number)"}"#)
            }
        }
    }

    /// What a store holds, without times and positions: every item of every patient, and how many events there are.
    static func content(of path: String) throws -> [String] {
        let store = try Store(at: path)
        defer { store.close() }
        var out: [String] = []
        var counts: [String: Int] = [:]
        for position in 1...(try store.log.head.position.value) {
            let kind = "\(try store.log.header(at: Position(position)).recordClass)"
            if kind.contains("pdate") || kind.contains("uarantined") { counts[kind, default: 0] += 1 }
        }
        out += counts.map { "\($0.key) \($0.value)" }
        for patient in ["K0", "K1", "K2"] {
            let subject = SubjectID(organisation: "ZZH01", localID: patient)
            let answer = try store.record(
                RecordRequest(patient: .subject(subject), asker: Asker(systemUser: "test")))
            let json = try #require(
                try JSONSerialization.jsonObject(with: Data(answer.json)) as? [String: Any])
            for item in json["items"] as? [[String: Any]] ?? [] {
                let resource = try JSONSerialization.data(
                    withJSONObject: item["resource"] ?? [:], options: .sortedKeys)
                out.append(
                    "\(patient) \(item["category"] ?? "") \(String(decoding: resource, as: UTF8.self))")
            }
        }
        return out.sorted()
    }

    @Test(arguments: [1, 2] as [UInt64])
    func killsAndRepetitionsLeaveTheRecordOfTheCleanRun(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let messages = Self.messages(36, &dice)
        let clean = try ServedProcess()
        try clean.start()
        #expect(try clean.send(messages).count == messages.count)
        #expect(clean.end(SIGTERM) == 0)

        let killed = try ServedProcess()
        var next = 0
        var kills = 0
        while next < messages.count {
            try killed.start()
            // What was not answered comes again, and at random what was.
            var steps: [Step] = []
            for number in next..<messages.count {
                steps.append(messages[number])
                if dice.roll(3) == 0 {
                    var again = messages[dice.roll(number + 1)]
                    again.name = "again"
                    steps.append(again)
                }
            }
            let answers = try killed.send(
                steps, killAfter: kills < 10 ? 1 + dice.roll(6) : nil, microseconds: UInt32(dice.roll(4000)))
            kills += 1
            for answer in answers where answer.name != "again" {
                #expect(answer.name == "\(next)")
                #expect(
                    ["AA", "AE", "400"].contains { answer.answer.hasPrefix($0) }
                        || answer.answer.hasPrefix("20"), "\(answer)")
                next += 1
            }
            killed.kill()
        }
        #expect(kills > 3)
        #expect(try Self.content(of: killed.store) == Self.content(of: clean.store))
    }

    @Test func bytesThatComeOneByOneAreTheSameMessages() throws {
        var dice = Dice(state: 7)
        let messages = Self.messages(10, &dice)
        let whole = try ServedProcess()
        try whole.start()
        let expected = try whole.send(messages)
        #expect(whole.end(SIGTERM) == 0)
        let dripped = try ServedProcess()
        try dripped.start()
        let answers = try dripped.send(messages, drip: true)
        #expect(answers.map(\.answer) == expected.map(\.answer))
        #expect(dripped.end(SIGTERM) == 0)
        #expect(try Self.content(of: dripped.store) == Self.content(of: whole.store))
    }

    /// A server whose next sync of the log goes wrong, once both doors are open.
    private func faulty(_ how: [String: String]) throws -> ServedProcess {
        let server = try ServedProcess()
        let environment = [
            "LD_PRELOAD": try ServedProcess.product("libFaultShim.so").path, "FAULT_PATH": "/store/log/",
            "FAULT_CALL": "fdatasync", "FAULT_NTH": "1", "FAULT_ARM": server.folder + "/arm",
            "FAULT_WAITS": server.folder + "/waits",
        ]
        try server.start(environment.merging(how) { $1 })
        try Data().write(to: URL(filePath: server.folder + "/arm"))
        return server
    }

    private static func two() -> [Step] {
        var dice = Dice(state: 1)
        let all = messages(40, &dice)
        return [
            all.first { $0.door == "mllp" && $0.body.contains("PID") }!,
            all.first { $0.path.contains("Obs") }!,
        ]
    }

    @Test func nothingIsAcknowledgedBeforeTheDiskHasIt() throws {
        for step in Self.two() {
            let server = try faulty(["FAULT_HOW": "wait", "FAULT_WAIT": "400"])
            let answer = try #require(try server.send([step]).first)
            #expect(["AA", "201"].contains { answer.answer.hasPrefix($0) }, "\(answer)")
            #expect(answer.milliseconds >= 400, "\(answer)")
        }
    }

    @Test func whatTheDiskRefusesIsNotAcknowledged() throws {
        for step in Self.two() {
            let server = try faulty(["FAULT_HOW": "5"])
            // The log stops for good: so does every answer after it.
            let answers = try server.send([step, step], words: true)
            #expect(answers.count == 2)
            for answer in answers {
                #expect(["AR", "503"].contains { answer.answer.hasPrefix($0) }, "\(answer)")
            }
            // What was being written may be there; what came after it is not.
            #expect(answers.map { $0.answer.contains("not-known") } == [true, false], "\(answers)")
            #expect(
                answers.last?.answer.contains("not-taken") ?? answers.isEmpty
                    || answers.last?.answer.contains("cannot-take") ?? false)
            server.kill()
            // Sent again to the next, it is taken.
            try server.start()
            let taken = try server.send([step])
            #expect(["AA", "201"].contains { taken.first?.answer.hasPrefix($0) ?? false }, "\(taken)")
        }
    }

    /// A message of 30,000 characters that do not compress away.
    private static func large(_ number: Int, _ door: String, _ dice: inout Dice) -> Step {
        let digits = Array("0123456789abcdef".utf8)
        // No field of a message may have more than 32,768.
        let text = String(decoding: (0..<30_000).map { _ in digits[dice.roll(16)] }, as: UTF8.self)
        if door == "mllp" {
            return Step(
                name: "\(number)", door: door,
                body: "MSH|^~\\&|PAS|HARBOUR|D|R|20180205131000||ADT^A28|l\(number)|P|2.4\r"
                    + "PID|1||K0^^^HARBOUR^MR||HALLETT\(number)^MARGARET||19460317|2\rZXX|1|\(text)\r")
        }
        return Step(
            name: "\(number)", door: door, path: "/fhir/Observation/l\(number)",
            body: #"{"resourceType":"Observation","id":"l\#(number)","status":"final","code":{"text":"N"},"#
                + #""subject":{"reference":"Patient/K0"},"valueString":"\#(text)"}"#)
    }

    /// The log's map is full: over either door it is said, nothing is acknowledged, and with a larger one all is taken.
    @Test(arguments: ["http", "mllp"]) func aFullMapIsToldAndNotAcknowledged(door: String) throws {
        let server = try ServedProcess()
        try server.start(["DAYBOOK_LOG_MAP_BYTES": "\(2 << 20)"])
        var dice = Dice(state: 3)
        let good = door == "http" ? "201" : "AA"
        var (steps, answers): ([Step], [ServedProcess.Answer]) = ([], [])
        while answers.count < 400, answers.last?.answer.hasPrefix(good) ?? true {
            let more = (steps.count..<steps.count + 10).map { Self.large($0, door, &dice) }
            steps += more
            answers += try server.send(more, words: true)
        }
        #expect(answers.count == steps.count)
        let taken = answers.prefix { $0.answer.hasPrefix(good) }
        let refused = answers.dropFirst(taken.count)
        #expect(taken.count > 3 && !refused.isEmpty, "\(taken.count) of \(answers.count)")
        for answer in refused {
            #expect(
                door == "http"
                    ? answer.answer.hasPrefix("503/OperationOutcome/") && answer.answer.contains("/retry-")
                    : answer.answer.hasPrefix("AR/") && answer.answer.contains("cannot-take-it-now"),
                "\(answer)")
        }
        server.kill()
        try server.start()
        let again = try server.send(Array(steps.dropFirst(taken.count)))
        #expect(again.count == refused.count)
        #expect(again.allSatisfy { $0.answer.hasPrefix(good) }, "\(again)")
        server.kill()
        let content = try Self.content(of: server.store)
        #expect(content.contains { $0.hasSuffix("pdate \(steps.count)") }, "\(content.map { $0.prefix(60) })")
    }

    /// No key can be made: what needs one is not acknowledged, the rest goes on, and `/health/ready` says so.
    @Test func whatHasNoKeyIsNotAcknowledged() throws {
        func message(_ kind: String, _ patient: String, _ more: String = "") -> Step {
            Step(
                name: kind + patient, door: "mllp",
                body: "MSH|^~\\&|PAS|HARBOUR|D|R|20180205131000||ADT^\(kind)|\(kind)\(patient)|P|2.4\r"
                    + "PID|1||\(patient)^^^HARBOUR^MR||HALLETT^MARGARET||19460317|2\r" + more)
        }
        let server = try faulty(["FAULT_HOW": "5", "FAULT_PATH": "/store/keys/", "FAULT_TIMES": "0"])
        let ready = Step(name: "ready", door: "http", method: "GET", path: "/health/ready", body: "")
        let merge = message("A40", "K0", "MRG|K1^^^HARBOUR^MR\r")
        let steps = [message("A28", "K0"), message("A28", "K1"), ready, merge, message("A31", "K1"), ready]
        let answers = try server.send(steps, words: true).map(\.answer)
        try #require(answers.count == steps.count, "\(answers)")
        #expect(
            answers[0].hasPrefix("AA") && answers[1].hasPrefix("AA") && answers[2].hasPrefix("200"),
            "\(answers)")
        // Its key would die with either patient's.
        #expect(answers[3].hasPrefix("AR"), "\(answers)")
        #expect(answers[4].hasPrefix("AA"), "\(answers)")
        #expect(answers[5].hasPrefix("503") && answers[5].contains("no-key-can-be-made"), "\(answers)")
        server.kill()
        try server.start()
        #expect(try server.send([merge, ready]).map { $0.answer.prefix(3) } == ["AA", "200"])
    }

    @Test func aStopFinishesWhatItTook() throws {
        for step in Self.two() {
            let server = try faulty(["FAULT_HOW": "wait", "FAULT_WAIT": "2000"])
            let waits = server.folder + "/waits"
            Thread.detachNewThread { [pid = server.processIdentifier] in
                // Told to stop while what it took is on its way to the disk.
                while !FileManager.default.fileExists(atPath: waits) { usleep(5_000) }
                Foundation.kill(pid, SIGTERM)
            }
            let answers = try server.send([step])
            #expect(["AA", "201"].contains { answers.first?.answer.hasPrefix($0) ?? false }, "\(answers)")
            #expect(server.end(SIGTERM) == 0)
        }
    }
}
