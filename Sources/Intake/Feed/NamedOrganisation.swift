/// An organisation as a source's message names it.
public enum NamedOrganisation: Hashable, Sendable {
    /// By its ODS code, in an identifier.
    case ods(String)
    /// By a reference, `Organization/ID`, of which the message says no more: whose id is an ODS code where the region lists it.
    case id(String)

    public var code: String {
        switch self {
        case .ods(let code), .id(let code): code
        }
    }
}
