import EventLog

/// Any bytes: a record's header is read as what encodes to the same bytes, or refused with its reason; a body likewise.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecord(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let header = try? RecordHeader(parsing: input) {
        precondition(header.encoded() == Array(input[..<RecordHeader.byteCount]))
        precondition(header.batchStart <= header.position && header.position <= header.batchEnd)
        precondition(header.recordBytes <= LogLimits.recordBytes)
    }
    if let body = try? Body.decode(input[...]) {
        precondition(body.leaves.count == body.count)
        for index in 0..<body.count {
            guard let item = body.disclosure(item: index) else { preconditionFailure("no item \(index)") }
            precondition(item.isProved(by: Commitment.root(a: body, b: nil)))
        }
    }
    return 0
}
