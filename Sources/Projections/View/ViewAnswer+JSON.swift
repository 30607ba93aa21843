import CareRecord
import Intake
import Wire

/// The answer as JSON, in one fixed order of members, without white space: its bytes are what a receipt's digest is of.
extension ViewAnswer {
    /// Said on every view, so that its presence tells nothing.
    public static let notice = "Some information may not be shown"

    /// The body without its receipt.
    public var body: [UInt8] {
        var w = JSONWriter(capacity: 2048 + items.reduce(0) { $0 + ($1.resource?.count ?? 0) + 320 })
        w.object { w in
            w.key("patient")
            w.object { w in w.member(patient.contains(":") ? "id" : "nhsNumber", patient) }
            if let viewer {
                w.key("viewer")
                viewer.write(into: &w)
            }
            w.key("at")
            w.object { w in
                w.member("position", position.value)
                w.member("time", ifPresent: time?.rfc3339)
            }
            w.member("final", isFinal)
            if let knownAt {
                w.key("knownAt")
                w.object { w in
                    w.member("position", knownAt.position.value)
                    w.member("time", ifPresent: knownAt.time?.rfc3339)
                }
            }
            if isSimulatedClock { w.member("simulatedClock", true) }
            if position == .start { w.member("held", "nothing was held then") }
            w.member("purpose", ifPresent: purpose)
            w.key("decision")
            w.object { w in
                w.member("outcome", permitted ? "permit" : "withhold")
                w.member("rule", rule)
                w.member("basis", basis)
            }
            w.member("notice", Self.notice)
            if apart > 0 { w.member("apart", apart) }
            if let identityChanged { w.member("identityChanged", identityChanged.value) }
            w.member("shield", ifPresent: shield?.rawValue)
            if !erased.isEmpty {
                w.key("erased")
                w.array { w in for notice in erased { notice.write(into: &w) } }
            }
            w.key("sources")
            w.array { w in for source in sources { source.write(into: &w) } }
            w.key("items")
            w.raw { ViewItem.append(items, to: &$0) }
            if let absent { absent.write(into: &w) }
            if !tombstones.isEmpty {
                w.key("tombstones")
                w.raw { ViewItem.append(tombstones, to: &$0) }
            }
            if let withheld {
                w.key("withheld")
                w.array { w in for entry in withheld { entry.write(into: &w) } }
            }
            if let sealed, !sealed.isEmpty {
                w.key("sealed")
                w.array { w in
                    for (source, count) in sealed.sorted(by: { $0.key < $1.key }) {
                        w.object { w in
                            w.member("item", "sealed item")
                            if !source.isEmpty { w.member("source", source) }
                            w.member("count", count)
                        }
                    }
                }
            }
            if !offers.isEmpty { Offer.write(offers, about: patient, into: &w) }
        }
        return w.finish()
    }

    /// The body with its receipt as the last member.
    public static func appending(
        receiptAt position: Position, items: Digest, body digest: Digest, to body: consuming [UInt8]
    ) -> [UInt8] {
        var w = JSONWriter(capacity: 192)
        w.object { w in
            w.member("position", position.value)
            w.member("items", items.hex)
            w.member("body", digest.hex)
        }
        body.removeLast()
        body.append(contentsOf: ",\"receipt\":".utf8)
        body.append(contentsOf: w.finish())
        body.append(UInt8(ascii: "}"))
        return body
    }
}

extension ViewItem {
    /// Appends the items as a JSON array. Hot: what items share is made once and copied.
    static func append(_ items: [ViewItem], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "["))
        var shared = SharedMembers()
        for (index, item) in items.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            item.append(to: &out, &shared)
        }
        out.append(UInt8(ascii: "]"))
    }

    /// What neighbouring items often have in common, as bytes.
    private struct SharedMembers {
        var source = ""
        var category: Category?
        var rule = ""
        var basis: [Position] = []
        var decided: [UInt8] = []
    }

    /// Appends to a JSON string; one copy where there is nothing to escape, as in nearly every id and date.
    private static func appendEscaped(_ text: ArraySlice<UInt8>, to out: inout [UInt8]) {
        let isPlain = text.withUnsafeBufferPointer { bytes -> Bool in
            for byte in bytes where byte < 0x20 || byte == 0x22 || byte == 0x5C { return false }
            out.append(contentsOf: bytes)
            return true
        }
        guard !isPlain else { return }
        var quoted: [UInt8] = []
        JSONWriter.appendQuoted(text, to: &quoted)
        out.append(contentsOf: quoted.dropFirst().dropLast())
    }

    private func append(to out: inout [UInt8], _ shared: inout SharedMembers) {
        out.append(contentsOf: #"{"position":"#.utf8)
        out.append(contentsOf: String(position.value).utf8)
        out.append(contentsOf: #","recorded":""#.utf8)
        recordedAt.appendRFC3339(to: &out)
        out.append(UInt8(ascii: "\""))
        if let effective = meta.effective {
            out.append(contentsOf: #","effective":""#.utf8)
            Self.appendEscaped(effective, to: &out)
            out.append(UInt8(ascii: "\""))
        }
        if shared.category != category || shared.source != source || shared.rule != rule
            || shared.basis != basis
        {
            (shared.category, shared.source, shared.rule, shared.basis) = (category, source, rule, basis)
            var w = JSONWriter(capacity: 128)
            w.object { w in
                if !source.isEmpty { w.member("source", source) }
                w.member("category", category.name)
                w.member("rule", rule)
                w.member("basis", basis)
            }
            // As members: a comma for the opening brace, and no closing one.
            shared.decided = w.finish()
            shared.decided[0] = UInt8(ascii: ",")
            shared.decided.removeLast()
        }
        out.append(contentsOf: shared.decided)
        if givenReference != "" {
            out.append(contentsOf: #","item":""#.utf8)
            if let givenReference {
                Self.appendEscaped(Array(givenReference.utf8)[...], to: &out)
            } else {
                Self.appendEscaped(meta.type, to: &out)
                out.append(UInt8(ascii: "/"))
                Self.appendEscaped(meta.daybookID, to: &out)
            }
            out.append(UInt8(ascii: "\""))
        }
        if let resource {
            out.append(contentsOf: #","resource":"#.utf8)
            out.append(contentsOf: resource)
        }
        previous?.append(to: &out)
        out.append(UInt8(ascii: "}"))
    }
}

extension ErasedNotice {
    func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("position", position.value)
            w.member("time", time.rfc3339)
            w.member("authority", authority)
            w.member("subjects", subjects)
        }
    }
}

extension SourceStatus {
    func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("source", source)
            w.member("status", status.rawValue)
            w.member("last", ifPresent: last?.rfc3339)
        }
    }
}
