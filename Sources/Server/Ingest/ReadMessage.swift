import Wire

/// A message that was read before its turn.
struct ReadMessage: Sendable {
    /// The position of the last fact about the region that it was read by: by any other it is read again.
    var version: Position
    var message: PreparedMessage
}
