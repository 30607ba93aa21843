import CareRecord
import Foundation
import Intake
import Seeded
import Testing

/// Mutated messages are mapped soundly or refused, and the fuzzers' inputs are replayed. A failure prints its seed or file.
@Suite struct HL7IntakeFuzzTests {
    static let intake = HL7Intake(source: "RBD", acceptsTraining: true, digest: IntakeFixture.digest)

    static func seeds(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../tools/fuzz/seeds/\(folder)")
        return try FileManager.default.contentsOfDirectory(atPath: path.path).sorted().map { name in
            (name, [UInt8](try Data(contentsOf: path.appending(path: name))))
        }
    }

    /// - Returns: what does not hold; nil where all does.
    static func fault(_ input: [UInt8]) -> String? {
        switch intake.message(input) {
        case .failure(let reject): return reject.reason.isEmpty ? "a reject without a reason" : nil
        case .success(let draft):
            guard draft.raw == input, draft.subjects.count == 1, draft.meta.subject.isWellFormed,
                (try? MessageMeta(decoding: draft.meta.encoded)) == draft.meta
            else { return "an unsound message" }
            var names: Set<String> = []
            for item in draft.items {
                guard names.insert(item.meta.reference).inserted else {
                    return "two of \(item.meta.reference)"
                }
                guard (try? ItemMeta(decoding: item.meta.encoded)) == item.meta,
                    let content = try? item.bytes(of: input), let document = try? JSONDocument(content),
                    document.root["id"]?.string == item.meta.daybookID
                else { return "an unsound \(item.meta.type)" }
                if let empty = Self.emptyElement(document.root) {
                    return "an empty \(empty) in \(item.meta.type)"
                }
            }
            return nil
        }
    }

    /// FHIR has no empty objects, lists or strings.
    private static func emptyElement(_ value: JSONCursor) -> String? {
        switch value.kind {
        case .object:
            let members = value.members
            if members.isEmpty { return "object" }
            for member in members {
                if let found = emptyElement(member.value) { return "\(member.name): \(found)" }
            }
        case .array:
            let elements = value.elements
            if elements.isEmpty { return "list" }
            for element in elements { if let found = emptyElement(element) { return found } }
        case .string: if value.string?.allSatisfy(\.isWhitespace) ?? false { return "string" }
        default: break
        }
        return nil
    }

    private static let words =
        [
            "|", "^", "~", "\\", "&", "\r", "\rOBX|", "\rOBR|", "\rPID|", "\rMRG|", "\"\"", "\\X0D\\",
            "\\.sp9\\", "ED",
            "NM", "SN", "TX", "RP", "^Base64^", "20181028013000", "A13", "A40", "N", "X", "-1.5e9", "<>",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3]]

    static func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var out = bytes
        for _ in 0..<Int.random(in: 1...5, using: &random) where !out.isEmpty {
            let at = Int.random(in: 0..<out.count, using: &random)
            let to = min(out.count, at + Int.random(in: 0...20, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: out[at] = UInt8.random(in: 0x20...0x7F, using: &random)
            case 1: out.removeSubrange(at..<to)
            case 2: out.insert(contentsOf: words.randomElement(using: &random)!, at: at)
            case 3: out.replaceSubrange(at..<to, with: words.randomElement(using: &random)!)
            default: out.insert(contentsOf: out[at..<to], at: Int.random(in: 0...out.count, using: &random))
            }
        }
        return out
    }

    @Test(arguments: 0..<10) func mutationsAreMappedSoundlyOrRefused(_ block: UInt64) throws {
        let seeds = try Self.seeds("intake")
        #expect(seeds.count >= 6)
        for number in 0..<500 {
            let seed = block * 500 + UInt64(number)
            var random = SplitMix64(seed: seed)
            let input = Self.mutated(seeds[number % seeds.count].bytes, &random)
            let fault = Self.fault(input)
            #expect(fault == nil, "seed \(seed)")
        }
    }

    @Test func keptInputsAreMappedSoundlyOrRefused() throws {
        for (name, bytes) in try Self.seeds("intake") + Self.seeds("hl7") {
            #expect(Self.fault(bytes) == nil, "\(name)")
        }
    }

    @Test func keptPolicyFilesAreReadOrRefused() throws {
        let files = try Self.seeds("policy")
        #expect(files.count >= 3)
        for (name, bytes) in files {
            let region = Result { () throws(PolicyFileError) in try RegionFile(bytes, file: name) }
            let facts = Result { () throws(PolicyFileError) in
                try PatientPolicyFile(bytes, file: name, calendar: .london)
            }
            for case .failure(let error) in [region.map { _ in () }, facts.map { _ in () }] {
                #expect(!"\(error)".isEmpty, "\(name)")
            }
        }
    }

    /// Time and memory grow with the message, not faster: many small results of one name, many reports, many values of one result.
    @Test(.timeLimit(.minutes(10))) func aMessageOfManyPartsIsMappedInTimeOrRefused() throws {
        let head = "MSH|^~\\&|L|R|||20180201||ORU^R01|1|P|2.4\rPID|||H1\r"
        let results = head + "OBR|1||7|T^t\r" + String(repeating: "OBX||ST|A||x||||||F\r", count: 15_000)
        let reports = head + String(repeating: "OBR|1||7|T^t\rOBX||ST|A||x||||||F\r", count: 8_000)
        let values = head + "OBR|1||7|T^t\rOBX||NM|A||1" + String(repeating: "~2", count: 9_000) + "||||||F\r"
        for text in [results, reports, values] {
            #expect(Self.fault(Array(text.utf8)) == nil)
        }
    }
}
