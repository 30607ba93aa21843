import ArgumentParser

// swift-argument-parser answers a usage error with 64; Daybook's statuses are its own (ExitStatus).
do {
    var command = try Daybook.parseAsRoot()
    if let stays = command as? any AsyncParsableCommand {
        try await run(stays)
    } else {
        try command.run()
    }
} catch {
    ExitStatus.end(with: error)
}

func run(_ command: some AsyncParsableCommand) async throws {
    var command = command
    try await command.run()
}
