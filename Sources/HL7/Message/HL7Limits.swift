/// What one message may be at most. Beyond a limit it is refused, with the place.
public struct HL7Limits: Hashable, Sendable {
    /// Bytes of one message. At most `ceiling`.
    public var messageBytes: Int
    public var segments: Int
    /// Fields of one segment.
    public var fields: Int
    /// Bytes of one field: a document in OBX-5 is the longest.
    public var fieldBytes: Int
    /// Repetitions, components and subcomponents of one field, each counted for itself over the whole field.
    public var parts: Int

    /// Bytes: offsets are 32 bits wide.
    public static let ceiling = 1 << 30

    public init(
        messageBytes: Int = 64 << 20, segments: Int = 100_000, fields: Int = 1_000,
        fieldBytes: Int = 48 << 20,
        parts: Int = 10_000
    ) {
        self.messageBytes = min(messageBytes, Self.ceiling)
        (self.segments, self.fields, self.fieldBytes, self.parts) = (segments, fields, fieldBytes, parts)
    }

    public static let standard = HL7Limits()
}
