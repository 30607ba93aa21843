import EventLog
import Projections
import Wire

/// Why a command or a request could not be answered. Each says what happened, where, and what to do.
public enum StoreError: Error, Sendable, CustomStringConvertible {
    /// The question is not one: an unknown user, an unreadable time, a wrong file. Exit status 2.
    case usage(String)
    /// Policy forbids it. Exit status 3.
    case refused(String)
    /// The log or a key. Exit status 4.
    case log(LogError)
    /// A read model. Exit status 4.
    case projection(ProjectionError)
    /// A file or folder. Exit status 4.
    case io(String)
    /// The patient or policy kept moving while the question was decided; ask again. Exit status 4.
    case busy(String)

    public var description: String {
        switch self {
        case .usage(let text), .refused(let text), .io(let text), .busy(let text): text
        case .log(let error): error.description
        case .projection(let error): error.description
        }
    }
}

extension StoreError {
    /// Runs what throws of the log or of a projection, and says it as the store's error.
    static func translating<T>(_ body: () throws -> T) throws(StoreError) -> T {
        do { return try body() } catch let error as StoreError { throw error } catch let error as LogError {
            throw .log(error)
        } catch let error as ProjectionError { throw .projection(error) } catch { throw .io("\(error)") }
    }
}
