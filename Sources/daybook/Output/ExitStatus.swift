import ArgumentParser
import Foundation
import Server

/// What a finished command says to the shell.
enum ExitStatus: Int32 {
    case done = 0
    /// `verify` found something, or something was quarantined.
    case problem = 1
    /// A command line or a file that cannot be taken as it is.
    case usage = 2
    /// Policy refused, or the patient is unknown at that time.
    case refused = 3
    /// The store or the machine failed.
    case trouble = 4

    /// Prints what there is to say and ends the process.
    static func end(with error: any Error) -> Never { exit(report(error).rawValue) }

    /// Prints what there is to say.
    static func report(_ error: any Error) -> ExitStatus {
        switch error {
        case let end as CommandEnd: return end.status
        case let failure as CommandFailure: return complain(failure.message, failure.status)
        case let error as StoreError: return complain(error.description, ExitStatus(error))
        default:
            // The parser's own: help, versions and completions succeed, all else is usage.
            let text = Daybook.fullMessage(for: error)
            if Daybook.exitCode(for: error).isSuccess {
                Output.write(text.isEmpty ? "" : text + "\n")
                return done
            }
            if Daybook.exitCode(for: error) == .validationFailure {
                Output.complain(text, prefix: false)
                return usage
            }
            return complain("\(error)", trouble)
        }
    }

    private static func complain(_ text: String, _ status: ExitStatus) -> ExitStatus {
        Output.complain(text)
        return status
    }

    init(_ error: StoreError) {
        switch error {
        case .usage: self = .usage
        case .refused: self = .refused
        case .log, .projection, .io, .busy: self = .trouble
        }
    }
}

/// Ends a command that has printed its answer with a status other than 0.
struct CommandEnd: Error { var status: ExitStatus }

/// What went wrong, where, and what to do about it.
struct CommandFailure: Error {
    var status: ExitStatus
    var message: String
}
