import ArgumentParser
import EventLog
import Intake
import Server

struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity", abstract: "Who is whom: links that a person must decide.",
        subcommands: [IdentityReviewCommand.self])
}

struct IdentityReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Patients who may be one, and what feeds asked for that was not simply done.",
        subcommands: [IdentityReviewList.self, IdentityReviewLink.self, IdentityReviewKeepApart.self])
}

struct IdentityReviewList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What is open: how the two compare, without their details. A receipt for each.")

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let now = try clock.instant()
        let all = try store.withStore(now: now) { try $0.identityReviews(actor.asker) }
        store.answer(json: { json(all) }, text: { text(all) })
    }

    private func json(_ all: [IdentityReview]) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.key("items")
            w.array { w in
                for one in all {
                    w.object { w in
                        w.member("id", one.id)
                        w.member("reason", one.reason.name)
                        w.key("patients")
                        w.array { w in for subject in one.subjects { w.string(subject.description) } }
                        if let opened = one.opened { w.member("opened", opened.value) }
                        if let verified = one.isVerified { w.member("verified", verified) }
                        w.member("birthDates", ifPresent: one.birthDates?.rawValue)
                        w.member("familyNames", ifPresent: one.familyNames?.rawValue)
                        w.member("givenNames", ifPresent: one.givenNames?.rawValue)
                    }
                }
            }
        }
        return w.finish()
    }

    private func text(_ all: [IdentityReview]) -> String {
        if all.isEmpty { return "Nothing is to be reviewed.\n" }
        return all.map { one in
            let compared = [
                one.birthDates.map { "birth dates \($0.rawValue)" },
                one.familyNames.map { "family names \($0.rawValue)" },
                one.givenNames.map { "given names \($0.rawValue)" },
                one.isVerified.map { $0 ? "number verified by both" : "number not verified by both" },
            ].compactMap(\.self)
            let patients = one.subjects.map { PlainText.line($0.description) }.joined(separator: " and ")
            return "\(one.id)  \(one.reason.name): \(patients)\n"
                + (compared.isEmpty ? "" : "    \(compared.joined(separator: ", "))\n")
        }.joined()
    }
}

/// What deciding one way or the other shares.
struct IdentityDecision: ParsableArguments {
    @Argument(help: ArgumentHelp("As `identity review list` names it.", valueName: "id"))
    var id: String

    @Option(help: "Why, for whoever asks later.")
    var reason: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func decide(link: Bool) throws {
        let now = try clock.instant()
        let appended = try store.withStore(now: now) {
            try $0.decide(id, link: link, reason: reason, asker: actor.asker)
        }
        store.answer {
            var w = JSONWriter()
            w.object { w in
                w.member("id", id)
                w.member("decision", link ? "link" : "keep-apart")
                w.key("positions")
                w.array { w in
                    w.int(appended.first.value)
                    w.int(appended.last.value)
                }
            }
            return w.finish()
        } text: {
            "\(link ? "Linked" : "Kept apart"): \(id)\(Words.places(appended.first, appended.last)).\n"
        }
    }
}

struct IdentityReviewLink: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "The two are one person: their records are shown as one.")

    @OptionGroup var decision: IdentityDecision

    func run() throws { try decision.decide(link: true) }
}

struct IdentityReviewKeepApart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep-apart",
        abstract:
            "The two are not one person: nothing links them of itself again. Closes a review of one, too.")

    @OptionGroup var decision: IdentityDecision

    func run() throws { try decision.decide(link: false) }
}
