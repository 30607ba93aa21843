/// Whether a view needs the patient's permission beside a relationship. Policy, switchable by date.
public enum ConsentModel: String, Hashable, Sendable, Codable, CaseIterable {
    case permissionToView = "permission-to-view"
    case implied
}
