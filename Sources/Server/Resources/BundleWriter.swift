import Intake
import Wire

/// Writes a Bundle: entries as they are added, their resources' bytes as they are stored but for version and time.
struct BundleWriter {
    let base: String
    let type: String
    var selfLink: String?
    var nextLink: String?
    var total: Int?
    private var entries: [UInt8] = []

    init(base: String, type: String) { (self.base, self.type) = (base, type) }

    mutating func reserve(_ resources: [ShownResource]) {
        entries.reserveCapacity(resources.reduce(0) { $0 + $1.content.count + 256 })
    }

    mutating func add(
        _ resource: ShownResource, mode: String, _ search: ResourceSearch? = nil
    ) throws(StoreError) {
        begin(resource.type, resource.id)
        entries.append(contentsOf: #","resource":"#.utf8)
        if let subset = search.flatMap(ResourceSubset.init) {
            entries.append(contentsOf: try subset.applied(to: try resource.bytes(), of: resource.reference))
        } else {
            try resource.append(to: &entries)
        }
        entries.append(contentsOf: #","search":{"mode":""#.utf8)
        entries.append(contentsOf: mode.utf8)
        entries.append(contentsOf: #""}}"#.utf8)
    }

    /// A version in a history: without a resource, a deletion.
    mutating func add(version: ShownResource, isDeletion: Bool, isFirst: Bool) throws(StoreError) {
        begin(version.type, version.id)
        if !isDeletion {
            entries.append(contentsOf: #","resource":"#.utf8)
            try version.append(to: &entries)
        }
        var w = JSONWriter(capacity: 192)
        w.object { w in
            w.member("method", isDeletion ? "DELETE" : isFirst ? "POST" : "PUT")
            w.member("url", version.reference)
        }
        entries.append(contentsOf: #","request":"#.utf8)
        entries.append(contentsOf: w.finish())
        w = JSONWriter(capacity: 192)
        w.object { w in
            w.member("status", isDeletion ? "204" : isFirst ? "201" : "200")
            w.member("etag", "W/\"\(version.position.value)\"")
            w.member("lastModified", version.recordedAt.rfc3339)
        }
        entries.append(contentsOf: #","response":"#.utf8)
        entries.append(contentsOf: w.finish())
        entries.append(UInt8(ascii: "}"))
    }

    mutating func addIgnored(_ names: [String]) {
        addOutcome(names.map { ("not-supported", "the parameter \($0) was not taken") })
    }

    /// What may be shown is another number of resources than when the first page was made.
    mutating func addMoved(from: Int, to: Int) {
        addOutcome([
            (
                "incomplete",
                "what may be shown has changed since the first page, from \(from) resources to \(to): ask for it again"
            )
        ])
    }

    /// Why nobody was found.
    mutating func addOtherSystem() {
        addOutcome([
            ("not-supported", "patients are looked up by NHS number, and by no other system's identifiers")
        ])
    }

    private mutating func addOutcome(_ issues: [(code: String, text: String)]) {
        if !entries.isEmpty { entries.append(UInt8(ascii: ",")) }
        var w = JSONWriter(capacity: 256)
        w.object { w in
            w.key("resource")
            w.object { w in
                w.member("resourceType", "OperationOutcome")
                w.key("issue")
                w.array { w in
                    for issue in issues {
                        w.object { w in
                            w.member("severity", "warning")
                            w.member("code", issue.code)
                            w.key("details")
                            w.object { w in w.member("text", issue.text) }
                        }
                    }
                }
            }
            w.key("search")
            w.object { w in w.member("mode", "outcome") }
        }
        entries.append(contentsOf: w.finish())
    }

    private mutating func begin(_ type: String, _ id: String) {
        if !entries.isEmpty { entries.append(UInt8(ascii: ",")) }
        entries.append(contentsOf: #"{"fullUrl":""#.utf8)
        entries.append(contentsOf: base.utf8)
        entries.append(UInt8(ascii: "/"))
        entries.append(contentsOf: type.utf8)
        entries.append(UInt8(ascii: "/"))
        entries.append(contentsOf: id.utf8)
        entries.append(UInt8(ascii: "\""))
    }

    consuming func finished() -> [UInt8] {
        var w = JSONWriter(capacity: entries.count + 512)
        w.object { w in
            w.member("resourceType", "Bundle")
            ReadNotice.write(to: &w)
            w.member("type", type)
            if let total { w.member("total", total) }
            w.key("link")
            w.array { w in
                for (relation, url) in [("self", selfLink), ("next", nextLink)] {
                    guard let url else { continue }
                    w.object { w in
                        w.member("relation", relation)
                        w.member("url", url)
                    }
                }
            }
            guard !entries.isEmpty else { return }
            w.key("entry")
            w.raw { out in
                out.append(UInt8(ascii: "["))
                out.append(contentsOf: entries)
                out.append(UInt8(ascii: "]"))
            }
        }
        return w.finish()
    }
}
