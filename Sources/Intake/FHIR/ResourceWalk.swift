import CareRecord
import Wire

/// What one pass over a resource's tokens gathers.
struct ResourceWalk {
    let entry: BundleEntry
    /// The resource's object.
    let resource: Int
    let daybookID: [UInt8]

    var edits: [JSONSplice.Edit] = []
    /// Byte offset of the last edit's end.
    var editedTo: Int
    var references: [String] = []
    var codes = DistinctCodings()
    /// Bytes of codes and references so far.
    var metaBytes = 0
    var status: String?
    var isInError = false
    var asserted: Instant?
    var effective: String?
    private var effectiveRank = Int.max
    var isLaboratory = false
    var isImaging = false
    /// Tape indices of the resources that the `specimen` member refers to, nil for one that is not in the
    /// message.
    var specimens: [Int?] = []

    /// The top-level member being read.
    var top: FHIRName?
    /// Tape index up to which codes are passed over.
    var codesHiddenUntil = 0
    /// Tape index up to which resources are contained ones.
    var containedUntil = 0
    /// Tape index up to which references are those of a Patient's links, which name other identities on
    /// purpose.
    var linkUntil = 0

    init(entry: BundleEntry, resource: Int, daybookID: [UInt8]) {
        (self.entry, self.resource, self.daybookID) = (entry, resource, daybookID)
        editedTo = -1
    }

    /// Bytes: a longer status is no FHIR code, and is left to the content.
    static let maximumStatusBytes = 64
    /// Bytes of a FHIR date, dateTime or instant, generously.
    static let maximumDateBytes = 64

    /// Replaces bytes of the message; edits come in ascending order.
    mutating func replace(_ range: Range<Int>, with insertion: [UInt8], in document: JSONDocument) {
        let from = editedTo < 0 ? Int(document.tokens[resource].start) : editedTo
        edits.append(
            JSONSplice.Edit(offset: range.lowerBound - from, deleted: range.count, insertion: insertion))
        editedTo = range.upperBound
    }

    mutating func cite(_ text: String) {
        if references.count < 64, references.contains(text) { return }
        references.append(text)
        metaBytes += text.utf8.count + 1
    }

    /// A date of the resource: the best-ranked member wins.
    mutating func offerEffective(_ rank: Int, _ text: @autoclosure () -> String?) {
        guard rank < effectiveRank, let text = text(), !text.isEmpty, text.utf8.count <= Self.maximumDateBytes
        else { return }
        (effective, effectiveRank) = (text, rank)
    }
}
