/// Text from sources, made safe to print: a terminal obeys what it is sent, and records come from many hands.
public enum PlainText {
    /// Characters of one value that a line shows before it says how many are left.
    public static let maximumCharacters = 400

    /// One line without control characters or direction overrides; white space runs become one space.
    ///
    /// - Parameter keepingIndent: whether the spaces that the text begins with stay.
    public static func line(_ text: some StringProtocol, keepingIndent: Bool = false) -> String {
        var out = String.UnicodeScalarView()
        if keepingIndent { out.append(contentsOf: text.unicodeScalars.prefix { $0 == " " }) }
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                pendingSpace = out.last.map { $0 != " " } ?? false
                continue
            }
            if pendingSpace {
                out.append(" ")
                pendingSpace = false
            }
            out.append(isSafe(scalar) ? scalar : "\u{FFFD}")
        }
        return cut(String(out))
    }

    /// As `line`, but every space stays: for lines that are set in columns.
    public static func column(_ text: some StringProtocol) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isSafe($0) ? $0 : "\u{FFFD}" }))
    }

    /// At most `maximumCharacters`, the rest counted.
    static func cut(_ text: String) -> String {
        guard text.count > maximumCharacters else { return text }
        return "\(text.prefix(maximumCharacters))… (\(text.count - maximumCharacters) characters more)"
    }

    /// Whether a scalar prints as itself: no control (C0, C1, DEL), no embedding, override or isolate of direction.
    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: false
        default: true
        }
    }

    /// Lines of at most `width` characters, broken at spaces; a longer word stands alone.
    public static func wrap(_ text: String, width: Int, indent: String = "", hanging: String? = nil) -> String
    {
        var lines: [String] = []
        var current = indent
        var isEmpty = true
        // Double spaces are kept: they set columns apart.
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !isEmpty, current.count + 1 + word.count > width {
                while current.hasSuffix(" ") { current.removeLast() }
                lines.append(current)
                current = hanging ?? indent
                isEmpty = true
            }
            current += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        lines.append(current)
        return lines.joined(separator: "\n")
    }
}
