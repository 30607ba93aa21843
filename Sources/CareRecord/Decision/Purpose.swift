/// Purposes with a meaning of their own; agreements may name others.
public enum Purpose {
    public static let directCare = "direct-care"
    /// Counts as direct care under agreements.
    public static let emergency = "emergency"
    /// The only purpose that relationships serve once death and grace are over.
    public static let afterDeath = "after-death"
}
