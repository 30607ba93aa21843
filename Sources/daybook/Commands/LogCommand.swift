import ArgumentParser
import EventLog
import Intake
import Server
import Wire

struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "The log itself: its head, its headers, whether it is what it was.",
        subcommands: [
            LogStatCommand.self, LogShow.self, LogVerify.self, LogClockCommand.self, LogKey.self,
            LogCheckpoint.self,
            LogProof.self, LogExport.self,
        ])
}

struct LogStatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat", abstract: "How many records, the head, the tree's root, and sizes.")

    @OptionGroup var store: StoreOptions

    func run() throws {
        let stat = try store.withLog { try $0.stat() }
        store.answer(json: { json(stat) }, text: { text(stat) })
    }

    private func json(_ stat: LogStat) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("records", stat.head.position.value)
            w.key("head")
            w.object { w in
                w.member("position", stat.head.position.value)
                w.member("time", stat.head.recordedAt.rfc3339)
            }
            w.member("root", stat.head.root.hex)
            w.member("simulatedClock", stat.isSimulated)
            w.member("commits", stat.commits)
            w.member("tiles", stat.tiles)
            w.member("messages", stat.messages)
            w.member("streams", stat.streams)
            w.member("unindexed", stat.unindexed)
            w.member("usedBytes", stat.usedBytes)
            w.member("fileBytes", stat.fileBytes)
            w.member("mapBytes", stat.mapBytes)
            w.member("freeDiskBytes", stat.freeDiskBytes)
            w.member("readers", stat.readers)
            w.member("maxReaders", stat.maxReaders)
            w.member("staleReaders", stat.staleReaders)
            w.member("checkpoints", stat.checkpoints)
            guard let writer = stat.writer else { return }
            w.key("writer")
            w.object { w in
                w.member("process", writer.process)
                w.member("at", writer.at.rfc3339)
                w.member("waitingUnits", writer.waitingUnits)
                w.member("waitingBytes", writer.waitingBytes)
                w.member("maxWaitingBytes", writer.maxWaitingBytes)
                for (name, times) in [("commits", writer.commits), ("syncs", writer.syncs)] {
                    w.key(name)
                    w.object { w in
                        w.member("count", times.count)
                        w.member("medianMicroseconds", times.medianMicroseconds)
                        w.member("p99Microseconds", times.p99Microseconds)
                        w.member("longestMicroseconds", times.longestMicroseconds)
                    }
                }
            }
        }
        return w.finish()
    }

    private func text(_ stat: LogStat) -> String {
        var lines = [
            "\(Words.count(stat.head.position.value, "record")) in \(Words.count(stat.commits, "commit"))",
            "head   \(stat.head.position) at \(stat.head.recordedAt)"
                + (stat.isSimulated ? " (a simulated clock)" : ""),
            "root   \(stat.head.root.hex)",
            "held   \(Words.count(stat.messages, "message")) by id, \(Words.count(stat.streams, "stream")), "
                + "\(stat.unindexed) not indexed yet",
            "size   \(stat.usedBytes) bytes used of \(stat.mapBytes) reserved; \(stat.freeDiskBytes) free on the disk",
            "reads  \(stat.readers) of \(stat.maxReaders) reader slots in use"
                + (stat.staleReaders > 0 ? "; \(stat.staleReaders) of dead processes were freed" : ""),
            "signed \(Words.count(stat.checkpoints, "checkpoint"))",
        ]
        if let writer = stat.writer {
            lines.append(
                "writer process \(writer.process), as of \(writer.at): \(Words.count(writer.waitingUnits, "append")) waiting, "
                    + "\(writer.waitingBytes) of \(writer.maxWaitingBytes) bytes")
            for (name, times) in [("commit", writer.commits), ("sync", writer.syncs)] {
                lines.append(
                    "       \(Words.count(times.count, name)): median \(times.medianMicroseconds) µs, 99 % within "
                        + "\(times.p99Microseconds) µs, longest \(times.longestMicroseconds) µs")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

struct LogShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One record's clear header. Bodies are sealed and not shown.")

    @Argument(help: ArgumentHelp("The record's position, quoted: '#41'.", valueName: "#position"))
    var position: PositionArgument

    @OptionGroup var store: StoreOptions

    func run() throws {
        let header = try store.withLog { log in
            let head = try log.head.position
            guard position.value <= head else {
                throw ValidationError("there is no \(position.value) yet: the newest record is \(head)")
            }
            return try log.header(at: position.value)
        }
        store.answer(json: { Self.json(header) }, text: { Self.text(header) })
    }

    private static func json(_ header: RecordHeader) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("position", header.position.value)
            w.member("time", header.recordedAt.rfc3339)
            w.member("class", header.recordClass.description)
            w.key("batch")
            w.array { w in
                w.int(header.batchStart.value)
                w.int(header.batchEnd.value)
            }
            w.member("stream", ifPresent: header.stream == .none ? nil : header.stream.description)
            w.key("parts")
            w.array { w in
                for (length, slot, hash) in header.parts {
                    w.object { w in
                        w.member("bytes", length)
                        w.member("keySlot", slot.value)
                        w.member("sha256", hash.hex)
                    }
                }
            }
            w.member("commitment", header.commitment.hex)
            w.member("leaf", header.leafHash.hex)
        }
        return w.finish()
    }

    private static func text(_ header: RecordHeader) -> String {
        var lines = [
            "\(header.position)  \(header.recordClass), recorded \(header.recordedAt), in the batch "
                + "\(header.batchStart) to \(header.batchEnd)"
        ]
        if header.stream != .none { lines.append("stream      \(header.stream)") }
        for (name, part) in zip(["A", "B"], header.parts) {
            lines.append(
                "part \(name)      \(part.length) bytes sealed under \(part.slot), SHA-256 \(part.hash.hex)")
        }
        lines.append("commitment  \(header.commitment.hex)")
        lines.append("leaf        \(header.leafHash.hex)")
        return lines.joined(separator: "\n") + "\n"
    }
}

extension RecordHeader {
    /// The parts that there are.
    fileprivate var parts: [(length: UInt32, slot: KeySlot, hash: Digest)] {
        [(lengthA, slotA, hashA), (lengthB, slotB, hashB)].filter { $0.0 > 0 }
    }
}
