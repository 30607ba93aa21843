import Server

/// What waits to be taken in, source by source: whoever sends much waits behind themselves, not before others.
struct IntakeQueue {
    /// A message, and who waits for its answer.
    struct Message: Sendable {
        var input: IngestInput
        var answer: CheckedContinuation<IntakeLane.Answer, Never>
    }

    /// The writes of one request, taken a slice at a time.
    struct Writes: Sendable {
        var writes: [SourceWrite]
        var answers: [IntakeLane.WriteAnswer] = []
        var answer: CheckedContinuation<[IntakeLane.WriteAnswer], Never>
    }

    /// Those of one kind, by source.
    private struct Line<Work: Sendable>: Sendable {
        private var bySource: [String: [Work]] = [:]
        /// Sources with something that waits, next first.
        private var order: [String] = []

        var isEmpty: Bool { order.isEmpty }

        mutating func append(_ work: Work, _ source: String) {
            if bySource[source] == nil { order.append(source) }
            bySource[source, default: []].append(work)
        }

        /// The first of the source whose turn it is.
        mutating func next() -> (source: String, work: Work)? {
            guard !order.isEmpty else { return nil }
            let source = order.removeFirst()
            let work = bySource[source]?.removeFirst()
            if bySource[source]?.isEmpty ?? true { bySource[source] = nil } else { order.append(source) }
            return work.map { (source, $0) }
        }

        /// The first of that source, out of turn.
        mutating func take(_ source: String) -> Work? {
            guard bySource[source] != nil else { return nil }
            let work = bySource[source]?.removeFirst()
            if bySource[source]?.isEmpty ?? false {
                bySource[source] = nil
                order.removeAll { $0 == source }
            }
            return work
        }

        /// Back to where it was, behind the others' turns.
        mutating func putBack(_ work: Work, _ source: String) {
            if bySource[source] == nil { order.append(source) }
            bySource[source, default: []].insert(work, at: 0)
        }
    }

    private struct Held {
        var count = 0
        var bytes = 0
        var bySource: [String: Int] = [:]

        mutating func change(_ count: Int, _ bytes: Int, _ source: String) {
            self.count += count
            self.bytes += bytes
            let left = (bySource[source] ?? 0) + count
            bySource[source] = left > 0 ? left : nil
        }

        /// Whether there is no room. One alone always has room: its door has bounds of its own.
        func isFull(_ more: Int, _ bytes: Int, _ source: String) -> Bool {
            if count > 0,
                count + more > IntakeLane.maximumWaiting || self.bytes + bytes > IntakeLane.maximumBytes
            {
                return true
            }
            let theirs = bySource[source] ?? 0
            return theirs > 0 && theirs + more > IntakeLane.maximumOfOneSource
        }
    }

    private var messages = Line<Message>()
    private var writes = Line<Writes>()
    private var heldMessages = Held()
    private var heldWrites = Held()

    var isEmpty: Bool { messages.isEmpty && writes.isEmpty }
    /// Messages and writes that wait.
    var count: Int { heldMessages.count + heldWrites.count }

    /// - Returns: false where it is full.
    mutating func append(_ message: Message) -> Bool {
        let (bytes, source) = (message.input.bytes.count, message.input.source ?? "")
        if heldMessages.isFull(1, bytes, source) { return false }
        heldMessages.change(1, bytes, source)
        messages.append(message, source)
        return true
    }

    /// - Returns: false where it is full.
    mutating func append(_ request: Writes, _ source: String) -> Bool {
        let bytes = Self.bytes(request.writes[...])
        if heldWrites.isFull(request.writes.count, bytes, source) { return false }
        heldWrites.change(request.writes.count, bytes, source)
        writes.append(request, source)
        return true
    }

    private static func bytes(_ writes: ArraySlice<SourceWrite>) -> Int {
        writes.reduce(0) { $0 + $1.body.count }
    }

    /// Messages to be taken together, one of each source in turn, up to so many.
    mutating func nextMessages(upTo limit: Int) -> [Message] {
        var out: [Message] = []
        while out.count < limit, let (source, message) = messages.next() {
            heldMessages.change(-1, -message.input.bytes.count, source)
            out.append(message)
        }
        return out
    }

    /// The next source's requests of writes, up to so many writes in all: the last may be a part of what its request has.
    mutating func nextWrites(upTo limit: Int) -> (source: String, requests: [Writes], slice: [SourceWrite])? {
        guard let (source, first) = writes.next() else { return nil }
        var requests = [first]
        var slice: [SourceWrite] = []
        while true {
            let last = requests[requests.count - 1]
            let from = last.answers.count
            let taken = last.writes[from..<min(last.writes.count, from + limit - slice.count)]
            heldWrites.change(-taken.count, -Self.bytes(taken), source)
            slice += taken
            guard slice.count < limit, let more = writes.take(source) else { break }
            requests.append(more)
        }
        return (source, requests, slice)
    }

    /// What is left of a request, for its source's next turn.
    mutating func putBack(_ request: Writes, _ source: String) { writes.putBack(request, source) }
}
