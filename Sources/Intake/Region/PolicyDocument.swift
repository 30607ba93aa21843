import Yams

/// A policy file read as YAML, with the problems found so far. Readers add to them and go on, so that one run
/// names everything that is wrong.
final class PolicyDocument {
    let file: String
    private(set) var problems: [PolicyProblem] = []

    /// Bytes of a policy file.
    static let maximumBytes = 16 << 20
    /// Problems reported before the rest is left.
    static let maximumProblems = 100
    /// Words that look like a YAML alias. A few may be text; nested aliases grow exponentially, and no policy
    /// file needs them.
    static let maximumAliases = 8

    init(file: String) { self.file = file }

    func report(_ mark: Mark?, _ field: String, _ message: String) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(PolicyProblem(file: file, line: mark?.line ?? 1, field: field, message: message))
    }

    /// A problem in a file that this one names.
    func report(in other: String, line: Int, _ message: String) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(PolicyProblem(file: other, line: line, field: "", message: message))
    }

    /// - Throws: every problem so far, in the order of lines.
    func check() throws(PolicyFileError) {
        guard problems.isEmpty else {
            let ordered = problems.enumerated().sorted {
                ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
            }
            throw PolicyFileError(ordered.map(\.element))
        }
    }

    /// The document's root.
    ///
    /// - Throws: `PolicyFileError` where the bytes are not one YAML document within the limits.
    func load(_ bytes: [UInt8]) throws(PolicyFileError) -> PolicyValue {
        guard bytes.count <= Self.maximumBytes else {
            throw failure(1, "the file has \(bytes.count) bytes, more than \(Self.maximumBytes): split it")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(1, "the file is not UTF-8: save it as UTF-8")
        }
        if let line = Self.lineOfAliasTooMany(bytes) {
            throw failure(line, "YAML aliases are not read here: write the value out")
        }
        do {
            guard let root = try Parser(yaml: text).singleRoot() else {
                throw failure(1, "the file is empty")
            }
            return PolicyValue(root, field: "", in: self)
        } catch let error as PolicyFileError {
            throw error
        } catch {
            throw Self.failure(error, file: file)
        }
    }

    private func failure(_ line: Int, _ message: String) -> PolicyFileError {
        PolicyFileError([PolicyProblem(file: file, line: line, field: "", message: message)])
    }

    private static func failure(_ error: any Error, file: String) -> PolicyFileError {
        var line = 1
        var message = "not readable as YAML"
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (line, message) = (mark.line, "not YAML: \(problem)")
        case .reader(let problem, _, _, _): message = "not YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            line = context.mark.line
            message = "the key \(duplicates.joined(separator: ", ")) is given twice: keep one"
        default: break
        }
        return PolicyFileError([PolicyProblem(file: file, line: line, field: "", message: message)])
    }

    private static func lineOfAliasTooMany(_ bytes: [UInt8]) -> Int? {
        var line = 1
        var aliases = 0
        var before: UInt8 = 0x0A
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0A { line += 1 }
            if byte == UInt8(ascii: "*"), before <= 0x20 || "[]{},:-?\"'".utf8.contains(before),
                index + 1 < bytes.count, bytes[index + 1] > 0x20
            {
                aliases += 1
                if aliases > maximumAliases { return line }
            }
            before = byte
        }
        return nil
    }
}
