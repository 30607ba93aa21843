/// Which codes stand below which, of one code system: a CSV file with the columns `code,parent`, a line for each pair.
struct Terminology {
    /// Bytes of a file: SNOMED CT's whole hierarchy has about 20 MB.
    static let maximumBytes = 128 << 20
    /// Codes that one list may expand to.
    static let maximumExpanded = 200_000

    let file: String
    private var children: [String: [String]] = [:]
    private var codes: Set<String> = []

    /// A line that cannot be read: 1-based, and what to do.
    struct Fault: Error {
        var line: Int
        var message: String
    }

    /// - Throws: the first line that is no pair.
    init(_ bytes: [UInt8], file: String) throws(Fault) {
        self.file = file
        guard bytes.count <= Self.maximumBytes else {
            throw Fault(line: 1, message: "the file has more than \(Self.maximumBytes) bytes")
        }
        var number = 0
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            let fields = Self.fields(line)
            if number == 1 {
                guard fields == ["code", "parent"] else {
                    throw Fault(line: 1, message: "the first line must be code,parent")
                }
                continue
            }
            if fields == [""] { continue }
            guard fields.count == 2, !fields[0].isEmpty else {
                throw Fault(line: number, message: "must be code,parent")
            }
            codes.insert(fields[0])
            // A root has no parent.
            if !fields[1].isEmpty { children[fields[1], default: []].append(fields[0]) }
        }
        guard number > 0 else { throw Fault(line: 1, message: "the file is empty") }
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        var line = line
        if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        if line.last == 0x0D { line = line.dropLast() }
        return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { field in
            var field = field.drop { $0 == 0x20 }
            while field.last == 0x20 { field = field.dropLast() }
            if field.count >= 2, field.first == 0x22, field.last == 0x22 {
                field = field.dropFirst().dropLast()
            }
            return String(decoding: field, as: UTF8.self)
        }
    }

    func knows(_ code: String) -> Bool { codes.contains(code) || children[code] != nil }

    /// Every code below any of these, not they themselves, in byte order; nil where there are too many. Rings end.
    func descendants(of values: [String]) -> [String]? {
        var found = Set(values)
        var open = values
        var out: [String] = []
        while let code = open.popLast() {
            for child in children[code] ?? [] where found.insert(child).inserted {
                out.append(child)
                open.append(child)
            }
            if out.count > Self.maximumExpanded { return nil }
        }
        return out.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
