import CareRecord
import EventLog
import Foundation
import Intake
import Testing
import Wire

@testable import Server

/// Real input through the whole store, where `DAYBOOK_CORPORA` names the corpora.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] != nil))
struct CorporaTests {
    private let folder = ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] ?? ""

    private func unzipped(_ path: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return [UInt8](data)
    }

    /// A resource without its id and with all references blank: what must come out as it went in.
    private static func comparable(_ resource: JSONCursor, isTop: Bool = true) -> String {
        switch resource.kind {
        case .object:
            let members = resource.members.filter { !(isTop && $0.name == "id") }.map { member -> String in
                if member.name == "reference", member.value.string != nil { return "reference:" }
                return member.name + ":" + comparable(member.value, isTop: false)
            }
            return "{" + members.sorted().joined(separator: ",") + "}"
        case .array:
            return "[" + resource.elements.map { comparable($0, isTop: false) }.joined(separator: ",") + "]"
        case .string: return "\"" + (resource.string ?? "") + "\""
        default: return String(decoding: resource.raw, as: UTF8.self)
        }
    }

    @Test func everySyntheaResourceComesOutAsItWentInAndTheBytesComeBack() throws {
        let temporary = try TemporaryStore()
        try temporary.apply(MainJobTests.region)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/synthea").filter {
            $0.hasSuffix(".gz")
        }.sorted()
        #expect(files.count == 28)
        for file in files {
            let raw = try unzipped(folder + "/synthea/" + file)
            let summary = try temporary.store.ingest(
                source: "RBD", inputs: [IngestInput(name: file, bytes: raw)])
            #expect(summary.accepted == 1 && summary.quarantined == 0)
            let bundle = try JSONDocument(raw).root
            let resources = (bundle["entry"]?.elements ?? []).compactMap { $0["resource"] }
            let patient = try #require(
                resources.first { $0["resourceType"]?.string == "Patient" }?["id"]?.string)
            let reference = PatientReference.subject(SubjectID(organisation: "RBD", localID: patient))
            let record = try temporary.store.record(
                RecordRequest(patient: reference, asker: TemporaryStore.asker))
            #expect(record.answer.items.count == resources.count)
            var expected: [String: Int] = [:]
            for resource in resources { expected[Self.comparable(resource), default: 0] += 1 }
            for item in record.answer.items {
                let out = try JSONDocument(Array(item.resource ?? [])).root
                expected[Self.comparable(out), default: 0] -= 1
            }
            #expect(expected.values.allSatisfy { $0 == 0 }, "\(file)")
            let first = try #require(summary.first)
            let body = try #require(
                try temporary.store.opener.open(
                    .a, of: temporary.store.log.header(at: first),
                    sealed: temporary.store.log.read(at: first).partA))
            #expect(Array(body.content(of: 0)) == raw)
        }
    }

    @Test func everyOfficialExampleIsTakenOrRefusedForAReason() throws {
        let temporary = try TemporaryStore()
        try temporary.apply(MainJobTests.region)
        let lines = try unzipped(folder + "/fhir-r4-examples.ndjson.gz")
        let summary = try temporary.store.ingest(
            source: "RBD", inputs: [IngestInput(name: "examples.ndjson", bytes: lines)])
        #expect(summary.messages == 713)
        #expect(summary.accepted + summary.quarantined == 713)
        #expect(summary.quarantined == 29)
        let quarantined = try temporary.store.openQuarantine()
        #expect(quarantined.count == summary.quarantined)
        #expect(quarantined.allSatisfy { !$0.entry.reason.isEmpty && $0.entry.line != nil })
        // What is kept in quarantine is the line, byte for byte.
        let all = lines.split(separator: UInt8(ascii: "\n"))
        let asker = TemporaryStore.asker
        for entry in quarantined {
            let bytes = try temporary.store.quarantined(id: entry.id, asker: asker).bytes
            #expect(bytes == Array(all[(entry.entry.line ?? 0) - 1]))
        }
    }
}
