/// A historical answer says AS AT wherever it is cut into pages: at its head, again within every page's length, and at its foot.
struct PrintedPages {
    /// Lines after which it is said again at the next blank line; and, in a section without one, wherever that is.
    static let linesBetween = 24
    static let linesAtMost = 45

    /// What the answer's first line says; nil for an answer about now, which is left as it is.
    var asAt: String?

    func paged(_ lines: [String]) -> [String] {
        guard let asAt else { return lines }
        var out: [String] = []
        var since = 0
        for line in lines {
            let height = line.split(separator: "\n", omittingEmptySubsequences: false).count
            if since + height > Self.linesAtMost || (line.isEmpty && since >= Self.linesBetween) {
                out += ["", "-- \(asAt) --"]
                if !line.isEmpty { out.append("") }
                since = 0
            }
            out.append(line)
            since += height
        }
        return out + ["", "-- \(asAt) --"]
    }
}
