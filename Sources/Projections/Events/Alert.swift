import EventLog
import Intake
import Wire

/// `AlertRaised`: something for a privacy officer to look into. It stands in the batch of what caused it, after it.
///
/// Whom it is about stands beside it as tokens, so that it folds and is counted after an erasure.
public struct Alert: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// An override was declared.
        case override
        /// A user claimed a relationship for themself.
        case selfClaim = "self-claim"
        /// Somebody saw where a shielded patient is.
        case shieldedAccess = "shielded-access"
        /// Records of one person were taken apart: who saw them joined?
        case unlinked
    }

    public var kind: Kind
    /// How many records before this one its cause stands.
    public var back: UInt64
    /// Who gave cause.
    public var user: String?
    /// That user's organisations then.
    public var organisations: [String]
    /// Of an override, its kind.
    public var override: String?

    public init(
        _ kind: Kind, back: UInt64, user: String?, organisations: [String] = [], override: String? = nil
    ) {
        (self.kind, self.back, self.user) = (kind, back, user)
        (self.organisations, self.override) = (organisations, override)
    }

    public var json: [UInt8] {
        var w = JSONWriter(capacity: 128)
        w.object { w in
            w.member("v", 1)
            w.member("alert", kind.rawValue)
            w.member("back", back)
            w.member("user", ifPresent: user)
            if !organisations.isEmpty {
                w.key("organisations")
                w.array { w in for organisation in organisations { w.string(organisation) } }
            }
            w.member("override", ifPresent: override)
        }
        return w.finish()
    }

    /// - Throws: `ProjectionError.damaged` where the bytes are no alert.
    public init(json bytes: [UInt8]) throws(ProjectionError) {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
            throw .damaged(what: "alert: \(error)")
        }
        guard root["v"]?.int == 1, let kind = root["alert"]?.string.flatMap(Kind.init(rawValue:)),
            let back = root["back"]?.number.flatMap({ UInt64($0) })
        else { throw .damaged(what: "alert: a member is missing or of the wrong kind") }
        self.init(
            kind, back: back, user: root["user"]?.string,
            organisations: root["organisations"]?.elements.compactMap(\.string) ?? [],
            override: root["override"]?.string)
    }
}
