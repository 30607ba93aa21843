import ArgumentParser

// swift-argument-parser answers a usage error with 64; Daybook's statuses are its own (ExitStatus).
do {
    var command = try Daybook.parseAsRoot()
    try command.run()
} catch {
    ExitStatus.end(with: error)
}
