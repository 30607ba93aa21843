/// Somebody who works in the region and may look at records.
struct Member: Sendable {
    struct Post: Sendable {
        var ods: String
        var workgroups: [String]
        var from: Day
        /// The last day; nil for one that goes on.
        var to: Day?
        /// A profile's own id, where it has one.
        var profile: String?
    }

    var id: String
    var name: String
    var family: String
    var role: String
    var posts: [Post]
    /// When the region file first says that they leave; until then their role goes on.
    var leavingRecorded: Day?
    var worksNights = false
    /// The patient that they are themselves.
    var patient: Int?
    var regionWide = false

    /// The posts that a region file of a day lists: held, or held until a little before, or beginning before
    /// the next file.
    func listed(on day: Day) -> [Post] {
        posts.compactMap { post in
            var post = post
            guard post.from <= day.adding(100), (post.to ?? day) >= day.adding(-45) else { return nil }
            if let known = leavingRecorded, post.to == posts.last?.to, day < known { post.to = nil }
            return post
        }
    }

    func post(on day: Day) -> Post? {
        posts.last { $0.from <= day && ($0.to.map { day <= $0 } ?? true) }
    }
}
