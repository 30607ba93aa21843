import ArgumentParser
import Foundation
import Server
import Wire

/// The simulated time of a command.
struct ClockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The time it is, on a store made with --simulated-clock (RFC 3339).", valueName: "time"))
    var now: String?

    func instant() throws -> Instant? {
        guard let now else { return nil }
        guard let instant = Instant(rfc3339: now.utf8) else {
            throw ValidationError("--now '\(now)': not an RFC 3339 instant such as 2018-02-01T09:30:00Z")
        }
        return instant
    }
}

/// Who runs the command, as policy knows them.
struct ActorOptions: ParsableArguments {
    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp(
            "Who asks: a user of the region. The operating system's user is recorded as well.",
            valueName: "user"))
    var user: String?

    var asker: Asker { Asker(systemUser: Self.systemUser, user: user) }

    /// The account's name, else its number: never what the environment claims.
    private static var systemUser: String {
        if let served = ServedCommand.current { return served.call.systemUser ?? "nobody" }
        let id = getuid()
        guard let entry = getpwuid(id), let name = entry.pointee.pw_name else { return "uid \(id)" }
        return String(cString: name)
    }
}
