import HL7

/// Any bytes: a file is cut into messages inside it, and each is read with every part inside it and every text valid, or refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHL7(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let boundary = HL7File.lastBoundary(input) { precondition(boundary > 0 && boundary < count) }
    var end = 0
    for range in HL7File(input).messages {
        precondition(range.lowerBound >= end && range.upperBound <= count && !range.isEmpty)
        end = range.upperBound
        check(Array(input[range]))
    }
    check(input)
    return 0
}

private func check(_ bytes: [UInt8]) {
    let limits = HL7Limits(messageBytes: 4096, segments: 40, fields: 60, fieldBytes: 1024, parts: 100)
    do throws(HL7Error) {
        let message = try HL7Message(bytes, limits: limits)
        precondition((1...limits.segments).contains(message.segmentCount) && HL7Header(of: bytes) != nil)
        for segment in message.segments {
            precondition(segment.lastField <= limits.fields + 1)
            for number in 1...(segment.lastField + 1) {
                let field = segment.field(number)
                precondition(
                    segment.bytes.startIndex <= field.range.lowerBound
                        && field.range.upperBound <= segment.bytes.endIndex)
                precondition(field.range.count <= limits.fieldBytes || number <= 2)
                precondition(field.repetitions.count <= limits.parts)
                for component in field.repetitions.flatMap(\.components) {
                    precondition(
                        component.range.lowerBound >= field.range.lowerBound
                            && component.range.upperBound <= field.range.upperBound)
                    precondition(String(validating: component.subcomponent(1).text, as: UTF8.self) != nil)
                    precondition(String(validating: component.text, as: UTF8.self) != nil)
                    _ = HL7Time(component.bytes)
                }
            }
        }
    } catch {
        precondition(error.offset >= 0 && !error.reason.isEmpty)
    }
}
