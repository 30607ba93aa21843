import CareRecord
import Intake
import Testing

/// What the tests of FHIR intake share.
enum IntakeFixture {
    /// Stands in for SHA-256: only its length and its dependence on the input matter here.
    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return (0..<32).map { UInt8(truncatingIfNeeded: hash >> UInt64($0 % 8 * 8)) ^ UInt8($0) }
    }

    static let hospital = FHIRIntake(source: "RBD", digest: digest)
    static let council = FHIRIntake(source: "809", sourceIsLocalAuthority: true, digest: digest)

    static func draft(_ text: String, _ intake: FHIRIntake = hospital) throws -> MessageDraft {
        try intake.message(Array(text.utf8)).get()
    }

    static func reject(_ text: String, _ intake: FHIRIntake = hospital) throws -> IntakeReject {
        switch intake.message(Array(text.utf8)) {
        case .success: throw NotRejected()
        case .failure(let reject): reject
        }
    }

    struct NotRejected: Error {}

    /// A Bundle of resources, each under a fullUrl made of its place.
    static func bundle(_ entries: [String], type: String = "transaction", more: String = "") -> String {
        let list = entries.enumerated().map { #"{"fullUrl":"urn:uuid:u\#($0.0)","resource":\#($0.1)}"# }
        return
            #"{"resourceType":"Bundle","type":"\#(type)"\#(more),"entry":[\#(list.joined(separator: ","))]}"#
    }

    static let patient = #"{"resourceType":"Patient","id":"H100","birthDate":"1950-02-03"}"#
}

extension MessageDraft {
    var items: [ItemDraft] { subjects.flatMap(\.items) }

    /// The content of the item of that type.
    func content(_ type: String) throws -> String {
        let item = try #require(items.first { $0.meta.type == type })
        return String(decoding: try item.bytes(of: raw), as: UTF8.self)
    }

    func meta(_ type: String) throws -> ItemMeta {
        try #require(items.first { $0.meta.type == type }).meta
    }
}
