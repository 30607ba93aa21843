import CareRecord
import HL7
import Intake
import Wire

private let intake = HL7Intake(
    source: "RBD", acceptsTraining: true,
    limits: HL7Limits(messageBytes: 4096, segments: 60, fields: 80, fieldBytes: 2048, parts: 100),
    digest: { bytes in
        // FNV-1a, spread: names that differ stay apart.
        let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return (0..<32).map { UInt8(truncatingIfNeeded: hash >> UInt64($0 % 8 * 8)) ^ UInt8($0) }
    })

/// Any bytes: as HL7 v2 they are taken with every resource valid JSON under its own id, every meta sound and nothing grown out of
/// proportion, or refused with a reason; and whatever has a header is answered.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzIntake(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let verdict: HL7Acknowledgement.Verdict
    switch intake.message(input, file: "f") {
    case .failure(let reject):
        precondition(!reject.reason.isEmpty)
        verdict = .init(reject, quarantinedAs: "q1")
    case .success(let draft):
        check(draft, input)
        verdict = .stored
    }
    if let answer = HL7Acknowledgement(to: input, verdict, controlID: "A1", now: Instant(microseconds: 0)) {
        let header = HL7Header(of: answer.encoded)
        precondition(header != nil && !answer.encoded.isEmpty)
    }
    return 0
}

private func check(_ draft: MessageDraft, _ input: [UInt8]) {
    precondition(draft.raw == input && draft.subjects.count == 1 && draft.meta.subject.isWellFormed)
    precondition((try? MessageMeta(decoding: draft.meta.encoded)) == draft.meta)
    var names: Set<String> = []
    var bytes = 0
    for item in draft.subjects[0].items {
        precondition(names.insert(item.meta.reference).inserted, "two items of one name")
        precondition((try? ItemMeta(decoding: item.meta.encoded)) == item.meta)
        precondition(item.meta.daybookID.utf8.count <= 64)
        guard let content = try? item.bytes(of: input), let document = try? JSONDocument(content) else {
            preconditionFailure("a resource that is no JSON")
        }
        precondition(document.root["id"]?.string == item.meta.daybookID)
        bytes += content.count
        var left = content
        for split in item.meta.splits.reversed() { left.removeSubrange(split.range) }
        precondition((try? JSONDocument(left)) != nil)
    }
    precondition(bytes <= 400_000, "\(bytes) bytes of \(input.count)")
}
