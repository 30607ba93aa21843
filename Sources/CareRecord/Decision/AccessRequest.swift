/// What is asked of policy: who, for what, doing what, as of when.
public struct AccessRequest: Hashable, Sendable {
    public var viewer: Viewer
    public var purpose: String
    /// The activity that the role must have.
    public var activity: String
    public var point: DecisionPoint

    public static let viewRecord = "view-record"

    public init(
        viewer: Viewer, purpose: String = Purpose.directCare, activity: String = AccessRequest.viewRecord,
        point: DecisionPoint
    ) {
        self.viewer = viewer
        self.purpose = purpose
        self.activity = activity
        self.point = point
    }
}
