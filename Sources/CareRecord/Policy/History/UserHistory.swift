import Wire

/// All that was ever declared of one user.
struct UserHistory: Sendable {
    var details = Versions<UserDetails>()
    /// By profile id.
    var profiles: [String: Spans<RoleProfile>] = [:]
    /// By ODS code.
    var licences: [String: Spans<LicenceAssignment>] = [:]
}
