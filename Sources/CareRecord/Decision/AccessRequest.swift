/// What is asked of policy: who, for what, doing what, as of when.
public struct AccessRequest: Hashable, Sendable {
    public var viewer: Viewer
    public var purpose: String
    /// The activity that the role must have.
    public var activity: String
    public var point: DecisionPoint
    /// The patient was named by an exact NHS number: a shielded patient is found by nothing else.
    public var byNumber: Bool

    public static let viewRecord = Activity.viewRecord

    /// Looking for a patient, before any relationship with them: who may be found is who else may be shown.
    public var isFinding: Bool { activity == Activity.findPatient }

    public init(
        viewer: Viewer, purpose: String = Purpose.directCare, activity: String = AccessRequest.viewRecord,
        point: DecisionPoint, byNumber: Bool = true
    ) {
        self.viewer = viewer
        self.purpose = purpose
        self.activity = activity
        self.point = point
        self.byNumber = byNumber
    }
}
