import Wire

/// Where a run of `verify` stood: enough to go on from there as if it had not stopped.
struct VerifyState: Sendable {
    var carry: TreeCarry
    var facts: IndexFacts

    private static let version: UInt8 = 1

    /// Only for a carry that is clean.
    var encoded: [UInt8] {
        var out = ByteWriter(capacity: 4096 + facts.streams.entries.count * 40)
        out.u8(Self.version)
        carry.encode(into: &out)
        facts.encode(into: &out)
        return out.bytes
    }

    init(carry: TreeCarry, facts: IndexFacts) { (self.carry, self.facts) = (carry, facts) }

    init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        guard try reader.u8() == Self.version else { throw WireError(.invalid, at: 0, what: "version") }
        carry = try TreeCarry(from: &reader)
        facts = try IndexFacts(from: &reader)
        try reader.end()
    }
}

extension TreeCarry {
    func encode(into out: inout ByteWriter) {
        report.encode(into: &out)
        frontier.encode(into: &out)
        tileStart.encode(into: &out)
        out.u64(committed?.last.value ?? 0)
        out.i64(committed?.recordedAt.microseconds ?? 0)
        out.u64(runStart.value)
        out.u8(runTime == nil ? 0 : 1)
        out.i64(runTime?.microseconds ?? 0)
        out.u8(runIsBad ? 1 : 0)
        guard let previous else { preconditionFailure("only a clean carry is written") }
        out.raw(previous.leaf.bytes)
        out.i64(previous.recordedAt.microseconds)
        out.u32(previous.batchIndex)
        out.u32(previous.batchCount)
        out.u64(badRun?.first.value ?? 0)
        out.u64(badRun?.last.value ?? 0)
        out.u64(rootBeforeBad?.last.value ?? 0)
        out.raw((rootBeforeBad?.root ?? .zero).bytes)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        self.init(head: .empty)
        report = try VerifyReport(from: &reader)
        frontier = try MerkleFrontier(from: &reader)
        tileStart = try MerkleFrontier(from: &reader)
        let (last, recordedAt) = (Position(try reader.u64()), Instant(microseconds: try reader.i64()))
        committed = last == .start ? nil : Committed(last: last, recordedAt: recordedAt)
        runStart = Position(try reader.u64())
        let hasTime = try reader.u8() == 1
        let time = Instant(microseconds: try reader.i64())
        runTime = hasTime ? time : nil
        runIsBad = try reader.u8() == 1
        previous = RecordCheck.Entry(
            leaf: try reader.digest(), recordedAt: Instant(microseconds: try reader.i64()),
            batchIndex: try reader.u32(), batchCount: try reader.u32(), isBad: false)
        let span = Span(first: Position(try reader.u64()), last: Position(try reader.u64()))
        badRun = span.last == .start ? nil : span
        let before = Root(last: Position(try reader.u64()), root: try reader.digest())
        rootBeforeBad = badRun == nil ? nil : before
    }
}

extension VerifyReport {
    fileprivate func encode(into out: inout ByteWriter) {
        for number in [
            from.value, records, commits, tiles, checkpoints, problemCount, trustworthyThrough.value,
        ] {
            out.u64(number)
        }
        out.varint(problems.count)
        for problem in problems {
            out.u64(problem.position.value)
            out.string(problem.what)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(WireError) {
        self.init(head: .empty)
        from = Position(try reader.u64())
        records = try reader.u64()
        commits = try reader.u64()
        tiles = try reader.u64()
        checkpoints = try reader.u64()
        problemCount = try reader.u64()
        trustworthyThrough = Position(try reader.u64())
        for _ in 0..<(try reader.length()) {
            problems.append(Problem(position: Position(try reader.u64()), what: try reader.string()))
        }
    }
}

extension MerkleFrontier {
    fileprivate func encode(into out: inout ByteWriter) {
        out.u64(count)
        for peak in peaks { out.raw(peak.bytes) }
    }

    fileprivate init(from reader: inout ByteReader) throws(WireError) {
        let count = try reader.u64()
        var peaks: [Digest] = []
        for _ in 0..<count.nonzeroBitCount { peaks.append(try reader.digest()) }
        self.init(count: count, peaks: peaks)
    }
}

extension IndexFacts {
    fileprivate func encode(into out: inout ByteWriter) {
        out.u64(through.value)
        for head in classes { out.u64(head.value) }
        out.u64(messages.count)
        out.u64(messages.sum)
        out.u64(maxSlot.value)
        out.u8(hasAllStreams ? 1 : 0)
        let entries = hasAllStreams ? streams.entries : []
        out.varint(entries.count)
        for entry in entries {
            out.u64(entry.token.high)
            out.u64(entry.token.low)
            out.u64(entry.slot.value)
            out.u64(entry.lastAdvancing.value)
            out.u64(entry.last.value)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(WireError) {
        self.init(through: Position(try reader.u64()))
        for i in 0..<256 { classes[i] = Position(try reader.u64()) }
        messages = MessageSum(count: try reader.u64(), sum: try reader.u64())
        maxSlot = KeySlot(try reader.u64())
        hasAllStreams = try reader.u8() == 1
        for _ in 0..<(try reader.length()) {
            streams.merge(
                StreamEntry(
                    token: StreamToken(high: try reader.u64(), low: try reader.u64()),
                    slot: KeySlot(try reader.u64()), lastAdvancing: Position(try reader.u64()),
                    last: Position(try reader.u64())))
        }
    }
}

extension ByteReader {
    fileprivate mutating func digest() throws(WireError) -> Digest { Digest(try raw(Digest.byteCount))! }
}
