extension JSONTree {
    /// How a text is laid out: what a source may do and the store must give back or drop, never mistake.
    enum Layout: CaseIterable, Sendable {
        case compact
        case spaced
        case indented
        /// Every character outside ASCII, and the slash, as an escape.
        case escaped
    }

    func text(_ layout: Layout = .compact) -> String {
        var out = ""
        write(to: &out, layout, depth: 0)
        return out
    }

    private func write(to out: inout String, _ layout: Layout, depth: Int) {
        switch self {
        case .null: out += "null"
        case .bool(let truth): out += truth ? "true" : "false"
        case .number(let text): out += text
        case .string(let text): Self.quote(text, to: &out, layout)
        case .array(let elements):
            Self.list("[", "]", elements.count, to: &out, layout, depth) { index, out in
                elements[index].write(to: &out, layout, depth: depth + 1)
            }
        case .object(let members):
            Self.list("{", "}", members.count, to: &out, layout, depth) { index, out in
                Self.quote(members[index].name, to: &out, layout)
                out += layout == .spaced ? " : " : layout == .indented ? ": " : ":"
                members[index].value.write(to: &out, layout, depth: depth + 1)
            }
        }
    }

    private static func list(
        _ open: String, _ close: String, _ count: Int, to out: inout String, _ layout: Layout, _ depth: Int,
        _ element: (Int, inout String) -> Void
    ) {
        out += open
        for index in 0..<count {
            if index > 0 { out += layout == .spaced ? " , " : "," }
            if layout == .indented { out += "\n" + String(repeating: "  ", count: depth + 1) }
            element(index, &out)
        }
        if layout == .indented, count > 0 { out += "\r\n" + String(repeating: "\t", count: depth) }
        out += close
    }

    private static func quote(_ text: String, to out: inout String, _ layout: Layout) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "/" where layout == .escaped: out += "\\/"
            case _ where scalar.value < 0x20: out += Self.escape(UInt16(scalar.value))
            case _ where scalar.value > 0x7E && layout == .escaped:
                for unit in String(scalar).utf16 { out += Self.escape(unit) }
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    struct ParseError: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads one value and nothing after it.
    init(parsing bytes: [UInt8]) throws {
        var parser = JSONTreeParser(bytes: bytes)
        self = try parser.value(depth: 0)
        try parser.end()
    }
}
