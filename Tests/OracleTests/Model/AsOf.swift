import Wire

/// Where an answer stands: how far the log is read, and the moment that effective periods are compared with.
struct AsOf: Equatable {
    var position: UInt64
    /// Microseconds.
    var instant: Int64
    /// As the body shows it.
    var shown: Int64?
    var final: Bool

    /// - Parameter clock: the store's clock, in microseconds, for questions without a time.
    init(_ when: Asked.When, events: [LoggedEvent], clock: Int64) {
        let head = events.count
        let newest = events.last?.time ?? 0
        switch when {
        case .none:
            self.init(position: UInt64(head), instant: clock, shown: newest, final: false)
        case .instant(let instant):
            self.init(at: instant, events: events)
        case .date(let date):
            self.init(at: LondonCalendar.end(of: date), events: events)
        case .position(let asked):
            guard asked > 0 else {
                self.init(position: 0, instant: .min, shown: nil, final: true)
                return
            }
            let event = events[Int(min(asked, UInt64(head))) - 1]
            self.init(
                position: event.batchLast, instant: event.time, shown: event.time, final: true)
        }
    }

    private init(at instant: Int64, events: [LoggedEvent]) {
        // A made-up event stands behind what was known later than it.
        let position = events.prefix { $0.time <= instant }.last?.position ?? 0
        let newest = events.last?.time ?? 0
        self.init(position: position, instant: instant, shown: instant, final: instant < newest)
    }

    private init(position: UInt64, instant: Int64, shown: Int64?, final: Bool) {
        (self.position, self.instant, self.shown, self.final) = (position, instant, shown, final)
    }
}
