import ArgumentParser
import Intake
import Server

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Take a source's messages: HL7 v2; FHIR R4 bundles, single resources, NDJSON.",
        discussion: """
            Each message is one durable batch, and the same message again is no new event. What cannot be taken is kept whole in \
            quarantine, the rest goes on, and the command exits 1.
            """)

    @Option(help: ArgumentHelp("The ODS code of the organisation that sends.", valueName: "ods"))
    var source: String

    @Option(help: "The kind of message; left out, it is told by how each file begins.")
    var type: MessageType?

    @Argument(
        help: "Files, folders (their .hl7, .json, .ndjson and .jsonl files), or - for standard input.")
    var path: [String]

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    /// Bytes of files that go to the store together: enough for its commits to be worth their syncs.
    private static let bytesTogether = 16 << 20

    func run() throws {
        let files = try InputFiles(path)
        let now = try clock.instant()
        var total = IngestSummary()
        do {
            try store.withStore(now: now) { try take(files, into: $0, &total) }
        } catch {
            if total.messages > 0 { Output.complain("before it stopped: \(text(total))") }
            throw error
        }
        for name in files.skipped { Output.complain("\(name): not taken, since its name ends otherwise") }
        store.answer(json: { Self.json(total) }, text: { text(total) })
        if total.quarantined > 0 { throw CommandEnd(status: .problem) }
    }

    private func take(_ files: InputFiles, into store: Store, _ total: inout IngestSummary) throws {
        let progress = Progress("taking from \(source)")
        defer { progress.finish() }
        var waiting: [IngestInput] = []
        var bytes = 0
        func flush() throws {
            let before = total
            total.add(
                try store.ingest(source: source, inputs: waiting) { summary in
                    progress.update(UInt64(before.messages + summary.messages), of: nil, unit: "messages")
                })
            (waiting, bytes) = ([], 0)
        }
        for file in files.paths {
            let handle = try InputFiles.open(file)
            defer { try? handle.close() }
            var pieces = InputPieces(handle, name: InputFiles.name(of: file), type: type)
            while let piece = try InputFiles.reading(file, { try pieces.next() }) {
                waiting.append(piece)
                bytes += piece.bytes.count
                if bytes >= Self.bytesTogether { try flush() }
            }
        }
        try flush()
    }

    private static func json(_ summary: IngestSummary) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("messages", summary.messages)
            w.member("accepted", summary.accepted)
            w.member("duplicate", summary.duplicate)
            w.member("quarantined", summary.quarantined)
            w.key("positions")
            w.array { w in
                for position in [summary.first, summary.last] { if let position { w.int(position.value) } }
            }
            guard !summary.notes.isEmpty else { return }
            w.key("notes")
            w.array { w in for note in summary.notes { write(note, into: &w) } }
        }
        return w.finish()
    }

    private static func write(_ note: IngestSummary.Note, into w: inout JSONWriter) {
        w.object { w in
            w.member("kind", note.kind.rawValue)
            w.member("position", note.position.value)
            w.member("file", ifPresent: note.file)
            if let line = note.line { w.member("line", line) }
            w.member("text", note.text)
        }
    }

    private func text(_ summary: IngestSummary) -> String {
        var lines = [
            "\(Words.count(summary.messages, "message")) from \(source): \(summary.accepted) accepted, "
                + "\(summary.duplicate) already held, \(summary.quarantined) quarantined"
                + Words.places(summary.first, summary.last)
        ]
        for note in summary.notes.prefix(Self.notesShown) {
            let place = [note.file, note.line.map { "line \($0)" }].compactMap(\.self).joined(separator: ", ")
            switch note.kind {
            case .quarantined:
                lines.append(
                    "  quarantined as q\(note.position.value) (\(place)): \(PlainText.line(note.text))")
            case .closedQuarantine:
                lines.append("  at \(note.position) (\(place)): \(PlainText.line(note.text))")
            case .sameIDOtherBytes, .raised:
                lines.append("  raised at \(note.position) (\(place)): \(PlainText.line(note.text))")
            }
        }
        let more = summary.notes.count - Self.notesShown
        if more > 0 { lines.append("  and \(more) more: daybook quarantine list") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Notes that text shows; JSON has them all.
    private static let notesShown = 20
}

extension IngestSummary {
    fileprivate mutating func add(_ other: IngestSummary) {
        messages += other.messages
        accepted += other.accepted
        duplicate += other.duplicate
        quarantined += other.quarantined
        first = first ?? other.first
        last = other.last ?? last
        notes += other.notes
    }
}

extension MessageType: ExpressibleByArgument {}
