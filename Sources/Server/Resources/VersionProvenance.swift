import CareRecord
import Ciphers
import EventLog
import Intake
import Wire

/// Where a version of a resource came from, as a Provenance (FHIR R4): which source sent it, when it was recorded, and the record that holds
/// it, by the commitment in its header. That is over salted hashes, so it lets nobody guess what else the message said; with the log's own
/// proofs it shows that this is the message.
///
/// Made of a version that is shown, so it tells of nothing else.
struct VersionProvenance {
    let store: Store

    /// `version-POSITION-HASH`: the hash tells the resources of one message apart.
    static func id(of reference: String, at position: Position) -> String {
        "version-\(position.value)-\(SHA256.hash(Array(reference.utf8)).hex.prefix(16))"
    }

    /// The version that an id names; nil for an id that is not one of these.
    static func named(_ id: String) -> (position: Position, hash: Substring)? {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "version", parts[2].utf8.count == 16,
            let number = UInt64(parts[1]), number > 0
        else { return nil }
        return (Position(number), parts[2])
    }

    /// Of one version, as it is shown; nil for a Provenance, which says itself what it is about.
    func resource(of shown: ShownResource) throws(StoreError) -> ShownResource? {
        guard shown.type != "Provenance" else { return nil }
        let header = try StoreError.translating { try store.log.header(at: shown.position) }
        let source = String(shown.id.prefix { $0 != "." })
        let name = try store.regionDeclaration().organisations[source]?.name
        let id = Self.id(of: shown.reference, at: shown.position)
        var w = JSONWriter(capacity: 1024)
        w.object { w in
            w.member("resourceType", "Provenance")
            w.member("id", id)
            w.key("target")
            w.array { w in
                w.object { w in
                    w.member("reference", "\(shown.reference)/_history/\(shown.position.value)")
                }
            }
            w.member("recorded", header.recordedAt.rfc3339)
            w.key("agent")
            w.array { w in
                Self.agent("author", source, name, &w)
                Self.agent("assembler", nil, "Daybook", &w)
            }
            w.key("entity")
            w.array { w in
                w.object { w in
                    w.member("role", "source")
                    w.key("what")
                    w.object { w in
                        w.key("identifier")
                        w.object { w in
                            w.member("system", "urn:daybook:commitment")
                            w.member("value", header.commitment.hex)
                        }
                        w.member("display", "the message at position \(shown.position.value)")
                    }
                }
            }
        }
        return ShownResource(
            type: "Provenance", id: id, position: shown.position, recordedAt: shown.recordedAt,
            content: w.finish(), items: [])
    }

    private static func agent(_ role: String, _ code: String?, _ name: String?, _ w: inout JSONWriter) {
        w.object { w in
            w.key("type")
            w.object { w in
                w.key("coding")
                w.array { w in
                    w.object { w in
                        w.member(
                            "system", "http://terminology.hl7.org/CodeSystem/provenance-participant-type")
                        w.member("code", role)
                    }
                }
            }
            w.key("who")
            w.object { w in
                if let code {
                    w.key("identifier")
                    w.object { w in
                        w.member("system", "https://fhir.nhs.uk/Id/ods-organization-code")
                        w.member("value", code)
                    }
                }
                w.member("display", ifPresent: name)
            }
        }
    }

    /// The resource that such an id is about, and whose it is; nil where there is none.
    func target(
        of id: String
    ) throws(StoreError) -> (type: String, id: String, position: Position, patient: PatientReference)? {
        guard let (position, hash) = Self.named(id), position <= (try store.head().position) else {
            return nil
        }
        return try StoreError.translating {
            let record = try store.log.read(at: position)
            guard record.header.recordClass == .sourceUpdate,
                let meta = try store.opener.firstItem(
                    of: record,
                    where: { SHA256.hash(Array($0.reference.utf8)).hex.prefix(16) == hash })
            else { return nil }
            return (
                meta.type, meta.daybookID, position, .subject(try store.subjectName(of: record.header.stream))
            )
        }
    }
}
