import Server
import SyntheticRegion
import Wire

/// An audit told by the commands themselves: each is shown as it would be typed, and what follows is what it printed.
struct DemoStory {
    let made: DemoMaker.Made
    let story: Story
    let store: String

    private static let privacyOfficer = "privacy-1"

    private var nhs: String { story.person.nhs }

    /// - Throws: `CommandFailure` where a command of the story ends otherwise than it should.
    func tell() throws {
        say(
            """
            In June 2022 a patient complains: somebody knows of the admission in May who should not. Case \(story.caseReference) is
            opened on the Caldicott Guardian's authority. Who looked?
            """)
        try run(
            "access", "list", "--patient", nhs, "--from", "2022-05-09", "--to", "2022-06-30", "--operator",
            story.auditor)
        say(
            "What nobody had to complain about to find: every claim and every broken glass raised an alert, with the privacy officer."
        )
        try run("access", "alerts", "--patient", nhs, "--operator", Self.privacyOfficer)
        say(
            """
            \(story.snooper) of another hospital looked three times in one night, and once more after the patient had excluded them.
            Refused, they claimed a relationship; then they broke the glass. The receipt of that look, without clinical content:
            """)
        try run("access", "show", try receipt(.overridden), "--operator", story.auditor)
        say(
            "What was on their screen? Data and policy as both were then; the case opens the content to the auditor."
        )
        try run(
            "view", "--as", story.snooper, "--patient", nhs, "--at", moment(Story.override), "--purpose",
            "emergency", "--operator",
            story.auditor, "--case", story.caseReference)
        say(
            "Before that, with the claimed relationship alone, the auditor sees how little: counts and rules, no case needed."
        )
        try run(
            "view", "--as", story.snooper, "--patient", nhs, "--at", moment(Story.claim), "--operator",
            story.auditor)
        say("Why did that open? The rules, the events that decided, and what would have changed it:")
        try run(
            "explain", "--as", story.snooper, "--patient", nhs, "--at", moment(Story.override), "--purpose",
            "emergency", "--operator", story.auditor)
        say("What the override opened beyond the claim, six minutes before:")
        try run(
            "diff", "--as", story.snooper, "--patient", nhs, "--from", moment(Story.claim), "--to",
            moment(Story.override), "--purpose", "emergency", "--operator", story.auditor)
        say(
            "In May the cardiologist saw an alarming potassium, before the laboratory corrected it. The screen of 10:20 that day:"
        )
        try run(
            "view", "--as", story.consultant, "--patient", nhs, "--at", moment(Story.firstLook), "--operator",
            story.auditor,
            "--case", story.caseReference)
        say("And can the log be trusted?")
        try run("log", "verify")
        next()
    }

    /// Two seconds past the step's minute: the receipt itself is recorded within them.
    private func moment(_ time: Instant) -> String { time.rfc3339 }

    private func receipt(_ tag: Story.Tag) throws -> String {
        guard let found = made.receipts[tag.rawValue] else {
            throw CommandFailure(
                status: .trouble, message: "the story's access \(tag.rawValue) left no receipt")
        }
        return "\(found.position)"
    }

    private func say(_ text: String) {
        Output.write("\n" + text.split(separator: "\n").map { "# \($0)\n" }.joined())
    }

    /// Runs a command as it would run of itself, and insists on its end.
    private func run(_ arguments: String..., expecting: ExitStatus = .done) throws {
        Output.write(
            "$ daybook " + arguments.map { $0.hasPrefix("#") ? "'\($0)'" : $0 }.joined(separator: " ") + "\n")
        var status = ExitStatus.done
        do {
            var command = try Daybook.parseAsRoot(arguments)
            try command.run()
        } catch { status = ExitStatus.report(error) }
        guard status == expecting else {
            throw CommandFailure(
                status: .trouble,
                message:
                    "that command ended with status \(status.rawValue), and \(expecting.rawValue) was expected"
            )
        }
    }

    private func next() {
        Output.write(
            """

            # The store stays. To try next:
            export DAYBOOK_STORE=\(store)
            daybook access list --user \(story.snooper) --operator \(story.auditor)      what else they looked at
            daybook access list --user \(story.emergencyDoctor) --from 2022-06-08 --operator privacy-1     an override that care explains
            daybook record --patient \(nhs) --case \(story.caseReference) --operator \(story.auditor)     all that is held, before policy
            daybook quarantine list      messages that could not be taken
            daybook ingest --source RBD FILE      a message of your own
            less \(store).misuse.json      the misuse that was planted: how much of it would you have found?

            """)
    }
}
