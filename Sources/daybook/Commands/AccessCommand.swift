import ArgumentParser
import CareRecord
import Intake
import Projections
import Server
import Wire

struct AccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Who looked at whom, on what basis. Reading this is itself recorded.",
        subcommands: [AccessList.self, AccessShow.self, AccessAlerts.self])
}

struct AccessList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Accesses and refusals, oldest first.")

    @Option(
        help: ArgumentHelp("Only those about this patient: an NHS number, or ODS:LOCALID.", valueName: "who"))
    var patient: String?

    @Option(help: ArgumentHelp("Only those of this user.", valueName: "user"))
    var user: String?

    @Option(
        help: ArgumentHelp("Not before: an instant, a date (its start), or '#POSITION'.", valueName: "when"))
    var from: String?

    @Option(help: ArgumentHelp("Not after: an instant, a date (its end), or '#POSITION'.", valueName: "when"))
    var to: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let request = TrailRequest(
            patient: try patient.map { try PatientOption.reference($0) }, user: user,
            from: try from.map { try WhenOption.when($0, option: "--from") },
            to: try to.map { try WhenOption.when($0, option: "--to") }, asker: actor.asker)
        let now = try clock.instant()
        let found = try store.withStore(now: now) { try $0.accesses(request) }
        store.answer(json: { Access.json(found) }, text: { text(found) })
    }

    private func text(_ found: [Access]) -> String {
        if found.isEmpty { return "No access is recorded.\n" }
        var table = Table("RECEIPT", "TIME", "KIND", "WHO", "PURPOSE", "OUTCOME", "SHOWN", "WITHHELD")
        for access in found {
            let receipt = access.receipt
            table.add(
                "\(access.position)",
                receipt.isHistorical
                    ? "\(access.recordedAt) as at \(receipt.position)" : "\(access.recordedAt)",
                "\(receipt.kind.rawValue) \(receipt.question.words)", receipt.who, receipt.purpose ?? "-",
                receipt.outcome, "\(receipt.shown)",
                access.tellsWithheld ? "\(receipt.withheld)" : "-")
        }
        return table.text
    }
}

struct AccessShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "One receipt: who, as what, why, on what basis, what was shown and withheld. No clinical content.",
        discussion: """
            --evidence writes a file that tools/verify_evidence.py checks offline: that this receipt, saying this, stands in the log \
            at that position. What tells about the patient goes into it only with --detail, which on a real store takes --case.
            """)

    @Option(help: ArgumentHelp("Write the receipt as evidence (a .tlog-proof).", valueName: "file"))
    var evidence: String?

    @Flag(help: "Disclose in the evidence also what tells about the patient, and the salts of the digests.")
    var detail = false

    @Argument(
        help: ArgumentHelp(
            "The receipt's position, as `access list` names it, quoted: '#41'.", valueName: "id"))
    var id: PositionArgument

    @OptionGroup var open: CaseOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let now = try clock.instant()
        if let evidence { return try writeEvidence(to: evidence, now) }
        let access = try store.withStore(now: now) { try $0.access(at: id.value, asker: actor.asker) }
        store.answer(json: { access.json }, text: { text(access) })
    }

    func validate() throws {
        if detail, evidence == nil { throw ValidationError("--detail belongs to --evidence") }
        if open.reference != nil, !detail { throw ValidationError("--case belongs to --detail") }
    }

    private func writeEvidence(to path: String, _ now: Instant?) throws {
        let proof = try store.withStore(now: now) {
            try $0.evidence(
                ofReceipt: id.value, withDetail: detail, caseReference: open.reference, asker: actor.asker)
        }
        try EvidenceFile.write(proof.bytes, to: path)
        if path == "-" { return }
        let size = try proof.note.size
        store.answer(
            json: {
                var w = JSONWriter()
                w.object { w in
                    w.member("file", path)
                    w.member("position", id.value.value)
                    w.member("items", proof.items.count)
                    w.member("size", size)
                }
                return w.finish()
            },
            text: {
                "Wrote \(path): the receipt \(id.value) with \(Words.count(proof.items.count, "item")) disclosed, in the "
                    + "checkpoint of \(Words.count(size, "record")).\n"
            })
    }

    private func text(_ access: Access) -> String {
        let receipt = access.receipt
        var lines = [
            "Receipt \(access.position), recorded \(access.recordedAt): \(receipt.kind.rawValue) \(receipt.question.words)",
            "who        \(receipt.who)",
            "asked by   \(receipt.operatorUser.map { "\($0), " } ?? "")system user \(receipt.systemUser)",
            receipt.query.map { "question   \($0)" },
            "purpose    \(receipt.purpose ?? "-")" + (receipt.caseID.map { ", case \($0)" } ?? ""),
            receipt.earlier.map { earlier in
                "at first   \(earlier.permitted ? "permit" : "REFUSED"), by \(earlier.rule)\(Words.basis(earlier.basis)), "
                    + "as of \(earlier.position) for \(earlier.instant)"
            },
            "outcome    \(receipt.permitted ? "permit" : "REFUSED"), by \(receipt.rule)\(Words.basis(receipt.basis))",
            "overrides  \(receipt.overrides.isEmpty ? "none" : receipt.overrides.map { "\($0)" }.joined(separator: ", "))",
            "served     \(receipt.position) for \(receipt.instant)\(receipt.isFinal ? ", final" : ""), "
                + "policy as of \(receipt.policy)",
            "\(receipt.earlier == nil ? "shown   " : "named   ")   \(Words.count(receipt.shown, "item")) from \(receipt.sources.joined(separator: ", "))",
            access.tellsWithheld ? "withheld   \(Words.count(receipt.withheld, "item"))" : nil,
            "digests    items \(receipt.items.hex)",
            "           body  \(receipt.body.hex)",
        ].compactMap(\.self)
        if let detail = access.detail {
            lines.insert("patient    \(detail.patient)", at: 1)
            for (category, items) in detail.byCategory {
                lines.append("  \(category): \(items.map { "\($0.position)" }.joined(separator: ", "))")
            }
            for entry in detail.withheld {
                lines.append(
                    "  withheld \(entry.category): \(entry.count), by \(entry.rule)\(Words.basis(entry.basis))"
                )
            }
        } else if !receipt.subjects.isEmpty {
            lines.append("A key of the patient's was destroyed: what was shown can no longer be told.")
        }
        return lines.map { PlainText.column($0) }.joined(separator: "\n") + "\n"
    }
}

extension Receipt {
    /// Of a difference: at either side.
    fileprivate var outcome: String {
        let later = "\(permitted ? "permit" : "REFUSED"), \(rule)"
        guard let earlier else { return later }
        let before = "\(earlier.permitted ? "permit" : "REFUSED"), \(earlier.rule)"
        return before == later ? later : "\(before); then \(later)"
    }

    /// A reconstruction, not a look at the newest.
    fileprivate var isHistorical: Bool { isFinal && question != .trail }

    /// Whose sight it was; and, where somebody else asked what they could see, who asked.
    fileprivate var who: String {
        let asker = operatorUser ?? "the owner"
        guard let viewer else { return asker }
        let place = [viewer.role, viewer.organisation].compactMap(\.self).joined(separator: " ")
        let whom = place.isEmpty ? viewer.user : "\(viewer.user) (\(place))"
        return kind == .actual ? whom : "\(asker), as \(whom)"
    }
}

extension ReceiptDetail {
    /// In the order shown.
    fileprivate var byCategory: [(category: String, items: [Item])] {
        var out: [(category: String, items: [Item])] = []
        for item in items {
            if out.last?.category == item.category {
                out[out.count - 1].items.append(item)
            } else {
                out.append((item.category, [item]))
            }
        }
        return out
    }
}
