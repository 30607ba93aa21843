/// What a member of a FHIR element may be. What is empty is left out when it is set: FHIR has no empty strings, lists or objects.
enum FHIRValue: Sendable {
    case text(String)
    /// A string from UTF-8 that is known to be valid.
    case utf8([UInt8])
    case texts([String])
    /// A number exactly as it is to be written.
    case number([UInt8])
    case flag(Bool)
    case object(FHIRObject)
}
