/// How many users of an organisation may hold a licence at once. It limits assignment, never a view.
public struct LicencePool: Hashable, Sendable, Codable {
    public var ods: String
    public var licences: Int

    public init(ods: String, licences: Int) { (self.ods, self.licences) = (ods, licences) }
}
