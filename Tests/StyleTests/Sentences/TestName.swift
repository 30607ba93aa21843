/// A test as its file names it: the display name, and where it stands.
struct TestName: Sendable {
    var name: String
    /// `PerItemSentences.perItem`.
    var place: String

    /// Every test of the project that has a name in words.
    static let all: [TestName] = SourceTree.swift.filter { $0.path.hasPrefix("Tests/") }.flatMap(names)

    private static func names(in file: SourceTree.File) -> [TestName] {
        let suite = file.path.split(separator: "/").last?.dropLast(".swift".count) ?? ""
        return file.text.split(separator: "@Test").dropFirst().compactMap { rest -> TestName? in
            guard let declared = rest.range(of: "func ") else { return nil }
            let function = rest[declared.upperBound...].prefix { $0 != "(" }
            let place = "\(suite).\(function)"
            if function.first == "`" {
                return TestName(name: String(function.filter { $0 != "`" }), place: place)
            }
            guard let name = literal(rest[..<declared.lowerBound]) else { return nil }
            return TestName(name: name, place: place)
        }
    }

    /// The first argument, where it is a string.
    private static func literal(_ attribute: Substring) -> String? {
        guard let open = attribute.firstIndex(where: { !"( \n#".contains($0) }), attribute[open] == "\""
        else { return nil }
        let quote = attribute[open...].hasPrefix("\"\"\"") ? "\"\"\"" : "\""
        let body = attribute[open...].dropFirst(quote.count).replacing("\\\"", with: "'")
            .replacing("\\\n", with: " ")
        return body.range(of: quote).map { String(body[..<$0.lowerBound]) }
    }
}
