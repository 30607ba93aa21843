import HL7

/// What holds of any bytes whatever.
enum HL7Soundness {
    /// - Returns: what does not hold; nil where all does.
    static func fault(_ input: [UInt8]) -> String? {
        _ = HL7File.isHL7(input)
        if let boundary = HL7File.lastBoundary(input), !(1..<input.count).contains(boundary) {
            return "a boundary outside"
        }
        var end = 0
        for range in HL7File(input).messages {
            guard !range.isEmpty, range.lowerBound >= end, range.upperBound <= input.count else {
                return "a message outside"
            }
            end = range.upperBound
            if let fault = faultOfMessage(Array(input[range])) { return fault }
        }
        return faultOfMessage(input)
    }

    static func faultOfMessage(_ bytes: [UInt8]) -> String? {
        _ = HL7Header(of: bytes).map { header in (3...20).map { header.field($0).count } }
        do throws(HL7Error) {
            let message = try HL7Message(bytes)
            guard message.segmentCount > 0, HL7Header(of: bytes) != nil else {
                return "a message without a header"
            }
            var end = 0
            for segment in message.segments {
                guard segment.offset >= end, segment.bytes.count >= 3 else { return "segments overlap" }
                end = segment.bytes.endIndex
                if let fault = fault(segment) { return fault }
            }
            return end <= message.bytes.count ? nil : "a segment outside"
        } catch {
            return error.offset >= 0 && !error.reason.isEmpty ? nil : "an error without a place"
        }
    }

    private static func fault(_ segment: HL7Segment) -> String? {
        for number in 1...(segment.lastField + 1) {
            let field = segment.field(number)
            guard segment.bytes.startIndex <= field.range.lowerBound,
                field.range.upperBound <= segment.bytes.endIndex
            else { return "\(segment.path(field: number)): outside its segment" }
            for repetition in field.repetitions {
                for component in repetition.components {
                    guard field.range.lowerBound <= component.range.lowerBound,
                        component.range.upperBound <= field.range.upperBound
                    else { return "\(segment.path(field: number)): a component outside" }
                    guard String(validating: component.subcomponent(1).text, as: UTF8.self) != nil,
                        String(validating: component.text, as: UTF8.self) != nil
                    else { return "\(segment.path(field: number)): text that is no UTF-8" }
                    if component.text.contains(where: { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 }) {
                        return "\(segment.path(field: number)): a control character"
                    }
                    _ = HL7Time(component.bytes)
                    _ = HL7Clock(component.bytes)
                }
            }
        }
        return nil
    }
}
