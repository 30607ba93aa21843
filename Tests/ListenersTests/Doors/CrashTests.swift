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
