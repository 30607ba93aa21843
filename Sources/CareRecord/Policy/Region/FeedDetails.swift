/// A source that is expected to send, and how long it may be silent.
public struct FeedDetails: Hashable, Sendable, Codable {
    public var ods: String
    public var maxSilence: CalendarDuration?

    public init(ods: String, maxSilence: CalendarDuration?) {
        (self.ods, self.maxSilence) = (ods, maxSilence)
    }
}
