import CareRecord
import Ciphers
import Intake
import Projections
import Wire

/// One resource as it is shown: a Patient's parts together again, with its version in its meta.
struct ShownResource {
    var type: String
    var id: String
    /// The event that carried its version.
    var position: Position
    var recordedAt: Instant
    /// JSON, as decided and redacted, without the version.
    var content: [UInt8]
    /// Items of the view that it is made of.
    var items: [Int]
    /// Of a version that is not the one in force: items of its own.
    var versions: [ViewItem] = []
    /// Of one that is made and no source sent: what its receipt says of it.
    var made: Made?

    struct Made {
        var item: ReceiptDetail.Item
        /// Whose what it is about is; empty where it is nobody's.
        var source: String
        /// What it stands on.
        var basis: [Position]
    }

    var reference: String { type + "/" + id }

    /// The resources of a view, in its order, as the view shows them.
    ///
    /// - Parameters:
    ///   - named: the same items as the answer names them: of a shielded patient by other ids.
    ///   - isNeeded: of `Type/id`: the others are left out.
    /// - Throws: where a resource does not read.
    static func all(
        of items: [ViewItem], named: [ViewItem], where isNeeded: (String) -> Bool = { _ in true }
    ) throws(StoreError) -> [ShownResource] {
        var out: [ShownResource] = []
        var places: [String: Int] = [:]
        out.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            guard let content = item.resource else { continue }
            let reference = named[index].reference
            guard isNeeded(reference) else { continue }
            if let place = places[reference], !reference.hasPrefix("Patient/") {
                // What two of the linked records cite is one resource: the newer of what they hold.
                guard item.position > out[place].position else { continue }
                (out[place].content, out[place].items) = (Array(content), [index])
                (out[place].position, out[place].recordedAt) = (item.position, item.recordedAt)
                continue
            }
            if let place = places[reference] {
                try out[place].merge(content)
                out[place].items.append(index)
                if item.position > out[place].position {
                    (out[place].position, out[place].recordedAt) = (item.position, item.recordedAt)
                }
                continue
            }
            places[reference] = out.count
            guard let slash = reference.firstIndex(of: "/") else { continue }
            out.append(
                ShownResource(
                    type: String(reference[..<slash]),
                    id: String(reference[reference.index(after: slash)...]),
                    position: item.position, recordedAt: item.recordedAt, content: Array(content),
                    items: [index]))
        }
        return out
    }

    /// Takes in another part of the same Patient: its members but for type and id, which both begin with.
    ///
    /// - Throws: where the part does not read.
    mutating func merge(_ part: ArraySlice<UInt8>) throws(StoreError) {
        let document = try StoredJSON.document(Array(part), of: reference)
        for (name, value) in document.root.members where name != "resourceType" && name != "id" {
            content.removeLast()
            content.append(UInt8(ascii: ","))
            JSONWriter.appendQuoted(name.utf8, to: &content)
            content.append(UInt8(ascii: ":"))
            content.append(contentsOf: value.raw)
            content.append(UInt8(ascii: "}"))
        }
    }

    /// The bytes as served: `meta` says version and time.
    ///
    /// - Throws: where the source's own meta does not read.
    func bytes() throws(StoreError) -> [UInt8] {
        try VersionedResource.bytes(content, of: reference, version: position, at: recordedAt)
    }

    /// Appends them: an answer of many is written once.
    func append(to out: inout [UInt8]) throws(StoreError) {
        try VersionedResource.append(
            content, of: reference, version: position, at: recordedAt, to: &out)
    }
}

extension ShownResource {
    /// The id of a Patient resource, from its source's code and its own; nil for a subject that is no patient.
    static func patientID(_ name: SubjectID) -> String? {
        if name.localID.contains("/") { return nil }
        let intake = FHIRIntake(source: name.organisation, digest: { SHA256.hash($0).bytes })
        return String(
            decoding: intake.daybookID(type: "Patient".utf8, id: name.localID.utf8), as: UTF8.self)
    }
}
