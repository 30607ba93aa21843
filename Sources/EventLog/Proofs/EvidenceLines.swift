import Wire

/// Text cut into lines that each end in a newline, read one after the other.
struct EvidenceLines {
    private let lines: [ArraySlice<UInt8>]
    private var at = 0

    /// - Throws: where the last line has no newline, or a line holds a control character.
    init(_ text: ArraySlice<UInt8>) throws(EvidenceError) {
        guard text.last == 0x0A else { throw EvidenceError("the text does not end with a newline") }
        let lines = text.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where line.contains(where: { $0 < 0x20 }) {
            throw EvidenceError(line: number + 1, "it holds a control character")
        }
        self.lines = lines
    }

    /// The 1-based number of the line that `next` gave last.
    var number: Int { at }
    var isAtEnd: Bool { at == lines.count }
    /// Where the rest begins; nil at the end.
    var restStart: Int? { isAtEnd ? nil : lines[at].startIndex }

    mutating func next(_ what: String) throws(EvidenceError) -> ArraySlice<UInt8> {
        guard !isAtEnd else { throw EvidenceError(line: at, "the text ends before \(what)") }
        defer { at += 1 }
        return lines[at]
    }

    /// The rest of the next line, where it begins with that word and a space; nil, and not read, where it does not.
    mutating func value(of word: String) -> ArraySlice<UInt8>? {
        guard !isAtEnd, lines[at].starts(with: Array("\(word) ".utf8)) else { return nil }
        defer { at += 1 }
        return lines[at].dropFirst(word.utf8.count + 1)
    }

    /// A decimal number without leading zeros.
    static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 19, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30
        else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }

    /// Hashes in base 64, one a line, up to an empty line, which is read too.
    mutating func hashes() throws(EvidenceError) -> [Digest] {
        var out: [Digest] = []
        while true {
            let line = try next("the empty line behind the hashes")
            if line.isEmpty { return out }
            guard out.count < EvidenceLimits.hashes else {
                throw EvidenceError(line: number, "more than \(EvidenceLimits.hashes) hashes")
            }
            guard let bytes = Base64.decode(line), let hash = Digest(bytes) else {
                throw EvidenceError(line: number, "not a SHA-256 hash in base 64")
            }
            out.append(hash)
        }
    }
}
