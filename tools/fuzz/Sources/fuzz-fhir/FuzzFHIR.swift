import CareRecord
import Intake

private let intake = FHIRIntake(source: "RBD") { bytes in
    bytes.reduce(into: [UInt8](repeating: 7, count: 32)) { $0[Int($1) & 31] &+= $1 &+ 1 }
}

/// Any bytes: intake ends in a draft whose items can be computed again, with metas that decode, or in a reject.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFHIR(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    for message in FHIRFile(input).messages {
        let bytes = Array(input[message.range])
        guard case .success(let draft) = intake.message(bytes, line: message.line) else { continue }
        precondition(draft.raw == bytes)
        precondition((try? MessageMeta(decoding: draft.meta.encoded)) == draft.meta)
        for item in draft.subjects.flatMap(\.items) {
            precondition((try? ItemMeta(decoding: item.meta.encoded)) == item.meta)
            guard let content = try? item.bytes(of: bytes) else { fatalError("an item without content") }
            if item.meta.operation == .delete { continue }
            guard let document = try? JSONDocument(content) else { fatalError("content that is no JSON") }
            precondition(document.root["id"]?.string == item.meta.daybookID)
        }
    }
    return 0
}
