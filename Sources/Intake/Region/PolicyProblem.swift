/// One thing wrong with a policy file: where, which field, and what to do.
public struct PolicyProblem: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// 1-based.
    public var line: Int
    /// `agreements[2].categories[0]`; empty for the file as a whole.
    public var field: String
    public var message: String

    public init(file: String, line: Int, field: String, message: String) {
        self.file = file
        self.line = line
        self.field = field
        self.message = message
    }

    /// `dorset.yaml:12: users[3].roles[0].org: no organisation 999 is listed`
    public var description: String { "\(file):\(line): \(field.isEmpty ? "" : "\(field): ")\(message)" }
}

/// All that is wrong with a policy file, in the file's order. Nothing of such a file is applied.
public struct PolicyFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public var problems: [PolicyProblem]

    public init(_ problems: [PolicyProblem]) { self.problems = problems }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
