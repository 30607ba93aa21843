extension Story {
    /// Somebody whom those who try the region can be.
    public struct LogIn: Sendable {
        /// Nil: the patient of the story.
        public let user: String?
        /// What a shell can call their token.
        public let variable: String
        /// Name, and where they work.
        public let name: String

        init(user: String?, variable: String, name: String) {
            (self.user, self.variable, self.name) = (user, variable, name)
        }

        init(_ member: Member, variable: String, role: String) {
            let post = member.post(on: Day(Day.count - 1)) ?? member.posts[0]
            let employer = Partner.byCode[post.ods]?.name ?? post.ods
            self.init(
                user: member.id, variable: variable,
                name: "\(member.id): \(member.name), \(role), \(employer)")
        }
    }

    /// A blood pressure that the patient's GP took: `Type/id`, as it is served.
    public static let reading = "Observation/ZZ101.o-story"
}
