/// The bounds of the feed.
struct FeedLimits: Sendable {
    /// Lines of one answer.
    var lines = 10_000
    /// How long one answer may go on; a consumer comes again with the position it has.
    var linesTime = Duration.seconds(60)
    var streamTime = Duration.seconds(300)
    /// Between two heartbeats. The token and its user are looked at again with each.
    var heartbeat = Duration.seconds(5)
    /// Between two looks for something new.
    var tick = Duration.milliseconds(200)
    /// How long a consumer may take none of what waits for it, before the connection is closed.
    var stall = Duration.seconds(30)
    /// Answers under way at once, and those of one client and user.
    var streams = 64
    var streamsOfOne = 4
}
