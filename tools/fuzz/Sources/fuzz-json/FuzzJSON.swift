import Intake

/// Any bytes: the scanner ends in a document whose every token lies within it, or in an error with a place.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(JSONError) {
        let document = try JSONDocument(input)
        precondition(Int(document.tokens[0].next) == document.tokens.count)
        for (index, token) in document.tokens.enumerated() {
            precondition(token.start < token.end && Int(token.end) <= count && Int(token.next) > index)
            if token.kind == .key || token.kind == .string {
                precondition(String(validating: document.text(index), as: UTF8.self) != nil)
            }
        }
        precondition(document.isEquivalent(to: document))
    } catch {
        precondition((0...count).contains(error.offset) && !error.reason.isEmpty)
    }
    return 0
}
