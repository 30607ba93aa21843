import Intake
import Projections
import Wire

/// Receipts as JSON: what `access --format json` prints, and what is told over HTTP.
extension Access {
    /// Receipts in their order, as `access list` prints them.
    ///
    /// - Parameter next: what the page after this one comes after; nil where there is none.
    public static func json(_ found: [Access], next: Position? = nil) -> [UInt8] {
        var w = JSONWriter(capacity: 256 + found.count * 512)
        w.object { w in
            w.key("items")
            w.array { w in for access in found { w.object { w in access.write(into: &w) } } }
            if let next { w.member("next", next.value) }
        }
        return w.finish()
    }

    /// One receipt, as `access show` prints it.
    public var json: [UInt8] {
        var w = JSONWriter(capacity: 4096)
        w.object { w in
            write(into: &w)
            guard let detail else {
                if !receipt.subjects.isEmpty { w.member("erased", true) }
                return
            }
            w.member("patient", detail.patient)
            w.member("query", detail.query)
            w.key("items")
            w.array { w in
                for item in detail.items {
                    w.object { w in
                        w.member("position", item.position.value)
                        w.member("category", item.category)
                        w.member("rule", item.rule)
                    }
                }
            }
            guard tellsWithheld else { return }
            w.key("withheldBy")
            w.array { w in
                for entry in detail.withheld {
                    w.object { w in
                        w.member("category", entry.category)
                        w.member("count", entry.count)
                        w.member("rule", entry.rule)
                        w.key("basis")
                        w.array { w in for position in entry.basis { w.int(position.value) } }
                    }
                }
            }
        }
        return w.finish()
    }

    /// The members of a receipt, inside an object that is open: what stays after an erasure.
    private func write(into w: inout JSONWriter) {
        w.member("position", position.value)
        w.member("time", recordedAt.rfc3339)
        w.member("kind", receipt.kind.rawValue)
        w.member("question", receipt.question.rawValue)
        if let viewer = receipt.viewer {
            w.member("user", viewer.user)
            w.member("name", ifPresent: viewer.name)
            w.member("role", ifPresent: viewer.role)
            w.member("roleName", ifPresent: viewer.roleName)
            w.member("organisation", ifPresent: viewer.organisation)
            w.member("organisationName", ifPresent: viewer.organisationName)
        }
        w.member("operator", ifPresent: receipt.operatorUser)
        w.member("systemUser", receipt.systemUser)
        w.member("purpose", ifPresent: receipt.purpose)
        w.member("case", ifPresent: receipt.caseID)
        w.key("at")
        w.object { w in
            w.member("position", receipt.position.value)
            w.member("time", receipt.instant.rfc3339)
        }
        w.member("final", receipt.isFinal)
        w.member("query", ifPresent: receipt.query)
        w.member("policy", receipt.policy.value)
        if let earlier = receipt.earlier {
            w.key("earlier")
            earlier.write(into: &w)
        }
        w.member("outcome", receipt.permitted ? "permit" : "withhold")
        w.member("rule", receipt.rule)
        w.key("basis")
        w.array { w in for position in receipt.basis { w.int(position.value) } }
        if let known = receipt.known { w.member("knownAt", known.value) }
        if !receipt.overrides.isEmpty {
            w.key("overrides")
            w.array { w in for position in receipt.overrides { w.int(position.value) } }
        }
        w.member("shown", receipt.shown)
        if tellsWithheld { w.member("withheld", receipt.withheld) }
        w.key("sources")
        w.array { w in for source in receipt.sources { w.string(source) } }
        w.key("digests")
        w.object { w in
            w.member("items", receipt.items.hex)
            w.member("body", receipt.body.hex)
        }
    }
}
