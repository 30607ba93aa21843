import Ciphers
import Intake
import Wire

/// A write as the message that is kept: a resource in a Bundle of one entry that says what was asked of it, so that the message tells
/// the whole of it in quarantine too. The resource's own bytes stay as they came.
struct WriteEnvelope {
    /// The source's own id, where it is known.
    var id: String?
    /// The version that the change is made to: where the source says it, and of a deletion always, since two deletions of one resource
    /// are else the same message.
    var ifMatch: VersionCondition?

    /// - Returns: what is no JSON as it came: intake says what is wrong with it, and where.
    func bytes(of write: SourceWrite) -> [UInt8] {
        switch write.request {
        case .message: return write.body
        case .delete(let type, let id):
            return bundle(method: "DELETE", url: "\(type)/\(self.id ?? id)", write)
        case .deleteMatching(let type):
            return bundle(method: "DELETE", url: "\(type)/\(self.id ?? "")", write)
        case .update(let type, let id):
            return bundle(method: "PUT", url: "\(type)/\(self.id ?? id)", write)
        case .create(let type): return bundle(method: "POST", url: type, write)
        case .updateMatching(let type):
            return bundle(method: "PUT", url: "\(type)/\(id ?? Self.name(for: write))", write)
        }
    }

    /// An id for what came without one: the same for the same bytes.
    static func name(for write: SourceWrite) -> String {
        let digest = SHA256.hash(write.body + [0] + Array((write.criteria?.text ?? "").utf8)).hex
        let hex = Array(digest.prefix(32))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }.joined(separator: "-")
    }

    private func bundle(method: String, url: String, _ write: SourceWrite) -> [UInt8] {
        let isDeletion = method == "DELETE"
        if !isDeletion, (try? JSONDocument(write.body)) == nil { return write.body }
        // One line before the resource's first: its lines keep their numbers.
        var w = JSONWriter(capacity: write.body.count + 256)
        w.object { w in
            w.member("resourceType", "Bundle")
            w.member("type", "transaction")
            w.key("entry")
            w.array { w in
                w.object { w in
                    if !isDeletion {
                        w.member("fullUrl", write.fullURL ?? "urn:uuid:\(Self.name(for: write))")
                        w.key("resource")
                        w.raw { $0.append(contentsOf: write.body) }
                    }
                    w.key("request")
                    w.object { w in
                        w.member("method", method)
                        w.member("url", url)
                        if let ifMatch { w.member("ifMatch", ifMatch.tag) }
                        if method == "POST" { w.member("ifNoneExist", ifPresent: write.criteria?.text) }
                    }
                }
            }
        }
        return w.finish()
    }
}
