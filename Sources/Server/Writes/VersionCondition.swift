/// What `If-Match` asks of the version in force (RFC 9110, 13.1.1).
public enum VersionCondition: Hashable, Sendable {
    /// `*`: there is one, and it is no deletion.
    case any
    /// That one: the position of its event.
    case exactly(UInt64)

    /// `W/"12"` or `"12"`, an ETag of ours, or `*`; nil for any other.
    public init?(_ tag: String) {
        var text = tag.filter { $0 != " " }[...]
        if text == "*" {
            self = .any
            return
        }
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        guard text.count > 2, text.first == "\"", text.last == "\"",
            let version = UInt64(text.dropFirst().dropLast())
        else { return nil }
        self = .exactly(version)
    }

    /// As it is sent.
    var tag: String {
        switch self {
        case .any: "*"
        case .exactly(let version): "W/\"\(version)\""
        }
    }
}
