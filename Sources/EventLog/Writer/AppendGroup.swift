/// The units of one transaction, and who may still come into it.
struct AppendGroup {
    private(set) var units: [AppendUnit] = []
    private(set) var records = 0
    private(set) var bytes = 0
    /// Bytes past which none is taken in any more.
    let maxBytes: Int
    /// How many are waited for, while it is open.
    let expected: Int
    /// Until when others are taken in, microseconds of the system's monotonic clock. The transaction has that moment's time, and is not
    /// told of before: so nothing is recorded before it was handed over, and whoever waits for the log's head sees none ahead of the clock.
    let openUntil: Int64

    /// One that only takes in what is there.
    init(_ units: [AppendUnit]) {
        self.init(expected: 0, openUntil: .min, maxBytes: 0)
        add(units)
    }

    init(expected: Int, openUntil: Int64, maxBytes: Int) {
        (self.expected, self.openUntil, self.maxBytes) = (expected, openUntil, maxBytes)
    }

    mutating func add(_ more: [AppendUnit]) {
        for unit in more {
            records += unit.records
            bytes += unit.bytes
        }
        if units.isEmpty { units = more } else { units += more }
    }

    /// Whether more are waited for.
    var isShort: Bool { units.count < expected && bytes < maxBytes }

    /// Microseconds for which it is still open, rounded up; 0 where it is not, or all are there.
    var openMicroseconds: Int64 {
        if !isShort { return 0 }
        return max(0, openUntil - TimeSource.system.monotonic() + 1)
    }
}
