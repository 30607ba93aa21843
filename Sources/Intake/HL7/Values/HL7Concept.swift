import HL7

/// Coded values: `CE`, `CWE`, `CNE`, `CF`, `IS`, `ID`.
enum HL7Concept {
    /// A CodeableConcept: both codings, and the text. A code without a system has the source's table, where one is known.
    static func concept(_ value: HL7Value, table: String? = nil) -> FHIRObject? {
        guard value.isValued else { return nil }
        var codings: [FHIRObject] = []
        var words: [String] = []
        for first in [1, 4] {
            let code = value.component(first).words
            let display = value.component(first + 1).words
            var system = value.component(first + 2).words.flatMap { HL7Codes.system($0) }
            if system == nil, first == 1 { system = table }
            if let code, code.isFHIRCode {
                codings.append(.coding(system, code, display: display))
            } else if let code {
                words.append(code)
            }
            if let display { words.append(display) }
        }
        var out = FHIRObject()
        out.set("coding", unique(codings))
        out.setText(value.component(9).words ?? words.first)
        return out.isEmpty ? nil : out
    }

    /// The same concept may come under both of a value's codings.
    private static func unique(_ codings: [FHIRObject]) -> [FHIRObject] {
        codings.count == 2 && codings[0].isSame(as: codings[1]) ? [codings[0]] : codings
    }

    /// A code and its system, for what an item goes by: what is sent of it, exactly.
    static func key(_ value: HL7Value) -> String? {
        let parts = [1, 3].map { value.component($0).words ?? "" }
        if !parts[0].isEmpty { return parts.joined(separator: "^") }
        return value.component(2).words ?? (value.component(4).words ?? value.component(5).words)
    }
}
