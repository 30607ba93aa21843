import Intake
import Wire

/// A message that could not be taken: where it came from, and why. The message itself stands beside it, whole.
///
/// Everything but the code may name a person, so it is sealed with the message under a key of their own.
public struct QuarantineEntry: Hashable, Sendable {
    /// The source's ODS code.
    public var source: String
    public var file: String?
    /// 1-based, where the message is a line of a file.
    public var line: Int?
    /// Where in the message: `Bundle.entry[3].resource.id`.
    public var path: String?
    public var code: String
    /// What happened, where, and what to do.
    public var reason: String

    public init(source: String, file: String?, line: Int?, path: String?, code: String, reason: String) {
        self.source = source
        self.file = file
        self.line = line
        self.path = path
        self.code = code
        self.reason = reason
    }

    /// Line and path in one, as `quarantine list` shows them.
    public var location: String {
        [line.map { "line \($0)" }, path].compactMap { $0 }.joined(separator: ", ")
    }

    public var json: [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("v", 1)
            w.member("source", source)
            w.member("file", ifPresent: file)
            if let line { w.member("line", line) }
            w.member("path", ifPresent: path)
            w.member("code", code)
            w.member("reason", reason)
        }
        return w.finish()
    }

    public init(json bytes: [UInt8]) throws(ProjectionError) {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
            throw ProjectionError.damaged(what: "quarantine entry: \(error)")
        }
        guard root["v"]?.int == 1, let source = root["source"]?.string, let code = root["code"]?.string,
            let reason = root["reason"]?.string
        else { throw ProjectionError.damaged(what: "quarantine entry: a member is missing") }
        self.init(
            source: source, file: root["file"]?.string, line: root["line"]?.int, path: root["path"]?.string,
            code: code, reason: reason)
    }
}
