/// A message taken apart by splitting Strings: what the index is held against.
struct NaiveMessage {
    /// Segments, fields, repetitions, components, subcomponents.
    var segments: [[[[[String]]]]]

    init(
        _ text: String, field: Character = "|", component: Character = "^", repetition: Character = "~",
        subcomponent: Character = "&"
    ) {
        segments = text.split(whereSeparator: { $0 == "\r" || $0 == "\n" || $0 == "\r\n" })
            .filter { !$0.allSatisfy { $0 == " " || $0 == "\t" } }
            .map { line in
                Self.split(String(line), field).enumerated().map { index, whole in
                    if index == 1, line.hasPrefix("MSH") { return [[[whole]]] }
                    return Self.split(whole, repetition).map { repetition in
                        Self.split(repetition, component).map { Self.split($0, subcomponent) }
                    }
                }
            }
    }

    private static func split(_ text: String, _ separator: Character) -> [String] {
        text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
