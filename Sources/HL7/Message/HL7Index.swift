/// Where a message's segments and fields are: found in one pass, without looking into fields.
///
/// Of a segment there is a mark for where it begins, one after each field separator, and one past its end, so that field `i` goes
/// from one mark to one byte before the next.
struct HL7Index: Sendable {
    /// Byte offsets.
    private(set) var marks: [UInt32] = []
    /// For each segment, the index of its first mark; and, at the end, the number of marks.
    private(set) var segments: [UInt32] = []
    /// Whether any byte is beyond ASCII.
    private(set) var hasHighBytes = false

    private let limits: HL7Limits
    /// Index in `marks` of the line being read.
    private var first = 0
    /// Fields of this length or more are looked at more closely.
    private let suspicious: Int

    /// - Parameter start: where the first segment begins.
    init(_ bytes: [UInt8], from start: Int, separators: HL7Separators, limits: HL7Limits) throws(HL7Error) {
        self.limits = limits
        suspicious = min(limits.parts, limits.fieldBytes)
        marks.reserveCapacity(bytes.count / 4 + 16)
        segments.reserveCapacity(bytes.count / 48 + 4)
        marks.append(UInt32(start))
        try scan(bytes.span.bytes, from: start, separators)
        if segments.isEmpty { throw HL7Error(.empty, offset: start, "there is no segment in it") }
        segments.append(UInt32(marks.count))
    }

    private mutating func scan(_ raw: RawSpan, from start: Int, _ separators: HL7Separators) throws(HL7Error)
    {
        let field = separators.field
        let (wanted, cr, lf) = (
            HL7Bytes.spread(field), HL7Bytes.spread(HL7Bytes.cr), HL7Bytes.spread(HL7Bytes.lf)
        )
        let count = raw.byteCount
        var high: UInt64 = 0
        var i = start
        while i + 8 <= count {
            let word = HL7Bytes.word(raw, i)
            high |= word
            var fields = HL7Bytes.equal(word, wanted)
            let ends = HL7Bytes.equal(word, cr) | HL7Bytes.equal(word, lf)
            if ends == 0 {
                while fields != 0 {
                    marks.append(UInt32(truncatingIfNeeded: i + (fields.trailingZeroBitCount >> 3) + 1))
                    fields &= fields &- 1
                }
            } else {
                var hits = fields | ends
                while hits != 0 {
                    let at = i + (hits.trailingZeroBitCount >> 3)
                    if HL7Bytes.byte(raw, at) == field {
                        marks.append(UInt32(truncatingIfNeeded: at + 1))
                    } else {
                        try endLine(raw, at, separators)
                    }
                    hits &= hits &- 1
                }
            }
            i += 8
        }
        while i < count {
            let byte = HL7Bytes.byte(raw, i)
            high |= UInt64(byte)
            if byte == field {
                marks.append(UInt32(truncatingIfNeeded: i + 1))
            } else if byte == HL7Bytes.cr || byte == HL7Bytes.lf {
                try endLine(raw, i, separators)
            }
            i += 1
        }
        try endLine(raw, count, separators)
        marks.removeLast()
        hasHighBytes = high & HL7Bytes.highs != 0
    }

    /// Closes the line that ends before `end`: a segment, or nothing where the line is blank.
    private mutating func endLine(_ raw: RawSpan, _ end: Int, _ separators: HL7Separators) throws(HL7Error) {
        let start = Int(marks[first])
        if start < end, !(isBlank(raw, start..<end)) {
            marks.append(UInt32(truncatingIfNeeded: end + 1))
            try check(raw, start..<end, separators)
            segments.append(UInt32(truncatingIfNeeded: first))
            first = marks.count
        } else {
            marks.removeSubrange(first...)
        }
        marks.append(UInt32(truncatingIfNeeded: end + 1))
    }

    private func isBlank(_ raw: RawSpan, _ line: Range<Int>) -> Bool {
        if HL7Bytes.byte(raw, line.lowerBound) > 0x20 { return false }
        return line.allSatisfy { HL7Bytes.byte(raw, $0) <= 0x20 }
    }

    private func check(_ raw: RawSpan, _ line: Range<Int>, _ separators: HL7Separators) throws(HL7Error) {
        let start = line.lowerBound
        guard line.count >= 3, Self.isSegmentName(raw, start),
            line.count == 3 || HL7Bytes.byte(raw, start + 3) == separators.field
        else { throw notASegment(raw, line) }
        guard segments.count < limits.segments else {
            throw HL7Error(
                .tooManySegments, offset: start,
                "more than \(limits.segments) segments: send it in several messages")
        }
        guard marks.count - first - 2 <= limits.fields else {
            throw fault(.tooManyFields, raw, field: nil, at: start, "more than \(limits.fields) fields")
        }
        if line.count > suspicious { try checkLong(raw, separators) }
    }

    /// A capital, then capitals or digits.
    private static func isSegmentName(_ raw: RawSpan, _ i: Int) -> Bool {
        func isCapital(_ c: UInt8) -> Bool { c >= 0x41 && c <= 0x5A }
        func isDigit(_ c: UInt8) -> Bool { c >= 0x30 && c <= 0x39 }
        let (a, b, c) = (HL7Bytes.byte(raw, i), HL7Bytes.byte(raw, i + 1), HL7Bytes.byte(raw, i + 2))
        return isCapital(a) && (isCapital(b) || isDigit(b)) && (isCapital(c) || isDigit(c))
    }

    private func notASegment(_ raw: RawSpan, _ line: Range<Int>) -> HL7Error {
        let after = segments.last.map { path(raw, segment: $0, field: nil) }
        return HL7Error(
            .notASegment, path: after, offset: line.lowerBound,
            """
            \(after.map { "the line after \($0)" } ?? "the first line") begins with no segment's name: a line break inside a \
            field is sent as \\.br\\
            """)
    }

    /// The parts of a long segment's long fields.
    private func checkLong(_ raw: RawSpan, _ separators: HL7Separators) throws(HL7Error) {
        let kinds = [separators.repetition, separators.component, separators.subcomponent].compactMap(\.self)
        for index in first..<marks.count - 1 {
            let range = Int(marks[index])..<Int(marks[index + 1]) - 1
            guard range.count >= suspicious else { continue }
            let field = index - first
            guard range.count <= limits.fieldBytes else {
                throw fault(
                    .tooLarge, raw, field: field, at: range.lowerBound,
                    "\(range.count) bytes: at most \(limits.fieldBytes) of one field are taken")
            }
            for separator in kinds where HL7Bytes.count(separator, raw, range) >= limits.parts {
                throw fault(
                    .tooManyParts, raw, field: field, at: range.lowerBound,
                    "more than \(limits.parts) repetitions or components in one field")
            }
        }
    }

    private func fault(
        _ code: HL7Error.Code, _ raw: RawSpan, field: Int?, at offset: Int, _ reason: String
    ) -> HL7Error {
        HL7Error(code, path: path(raw, segment: UInt32(first), field: field), offset: offset, reason)
    }

    /// `OBX[2]-5`, for the segment whose first mark has that index.
    func path(_ raw: RawSpan, segment: UInt32, field: Int?) -> String {
        let start = Int(marks[Int(segment)])
        let name = (0..<3).map { HL7Bytes.byte(raw, start + $0) }
        let before = segments.prefix { $0 < segment }.count { index in
            let other = Int(marks[Int(index)])
            return (0..<3).allSatisfy { HL7Bytes.byte(raw, other + $0) == name[$0] }
        }
        // MSH-1 is the separator itself.
        let isHeader = HL7Bytes.beginsHeader(raw, start)
        return HL7Error.path(name, before + 1, field: field.map { isHeader ? $0 + 1 : $0 })
    }
}
