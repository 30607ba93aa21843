import CareRecord

/// The few code systems that come again and again in a message: one String each.
struct InternedStrings {
    private var known: [(bytes: [UInt8], text: String)] = []
    /// Beyond this many, strings are made afresh.
    private static let capacity = 32

    mutating func string(_ raw: RawSpan, _ range: Range<Int>) -> String {
        for (bytes, text) in known where bytes.count == range.count {
            if JSONFingerprint.equal(raw, range.lowerBound, bytes.span.bytes, 0, count: range.count) {
                return text
            }
        }
        let bytes = JSONBytes.array(raw, range)
        let text = String(decoding: bytes, as: UTF8.self)
        if known.count < Self.capacity { known.append((bytes, text)) }
        return text
    }
}

/// Codings in the order met, each once.
struct DistinctCodings {
    private(set) var values: [Coding] = []
    private var seen: Set<Coding> = []
    private static let searched = 16

    /// - Returns: whether it was new.
    mutating func insert(_ coding: Coding) -> Bool {
        if values.count < Self.searched {
            if values.contains(where: { $0.code == coding.code && $0.system == coding.system }) {
                return false
            }
        } else {
            if seen.isEmpty { seen = Set(values) }
            guard seen.insert(coding).inserted else { return false }
        }
        values.append(coding)
        return true
    }
}
