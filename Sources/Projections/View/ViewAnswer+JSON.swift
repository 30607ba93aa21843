import CareRecord
import Intake
import Wire

/// The answer as JSON, in one fixed order of members, without white space: its bytes are what a receipt's digest is of.
extension ViewAnswer {
    /// Said on every view, so that its presence tells nothing.
    public static let notice = "Some information may not be shown"

    /// The body without its receipt.
    public var body: [UInt8] {
        var w = JSONWriter(capacity: 2048 + ViewItem.room(of: items))
        w.object { w in
            w.key("patient")
            w.object { w in w.member(patient.utf8.contains(UInt8(ascii: ":")) ? "id" : "nhsNumber", patient) }
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
