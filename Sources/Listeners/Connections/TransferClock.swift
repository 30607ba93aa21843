import NIOCore

/// How long a peer may take over something, given what it moved so far. It stands still while the server itself does not want more.
struct TransferClock {
    /// Beside what the bytes allow.
    let grace: TimeAmount
    /// Nil: bytes allow nothing.
    let bytesASecond: Int?
    private var start: NIODeadline
    private var pausedAt: NIODeadline?
    private(set) var bytes = 0

    init(grace: TimeAmount, bytesASecond: Int? = nil, now: NIODeadline) {
        (self.grace, self.bytesASecond, start) = (grace, bytesASecond, now)
    }

    mutating func moved(_ count: Int) { bytes += count }

    mutating func pause(_ now: NIODeadline) { pausedAt = pausedAt ?? now }

    mutating func go(_ now: NIODeadline) {
        guard let paused = pausedAt else { return }
        start = start + (now - paused)
        pausedAt = nil
    }

    /// Nil while it stands still.
    var due: NIODeadline? {
        guard pausedAt == nil else { return nil }
        let more = bytesASecond.map { TimeAmount.milliseconds(Int64(bytes) * 1000 / Int64($0)) }
        return start + grace + (more ?? .zero)
    }
}
