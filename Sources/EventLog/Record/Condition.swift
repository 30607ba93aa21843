import Wire

/// What must still hold for a proposal to be taken.
///
/// Conditions see the log as it stood when the unit they came in began: earlier units count, the unit's own
/// proposals do not.
public enum Condition: Hashable, Sendable {
    /// No record of the class was appended past the position.
    case classUnchanged(RecordClass, since: Position)
    /// No record that advances the stream was appended past the position.
    case streamUnchanged(StreamToken, since: Position)
    /// The last record that advanced the stream stands exactly there (`.start`: none did).
    case expectedVersion(StreamToken, Position)
}
