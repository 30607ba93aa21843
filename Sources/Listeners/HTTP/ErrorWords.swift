import Server

/// What went wrong, for the log: which failure and where. Never what a request said.
enum ErrorWords {
    static func log(_ error: any Error) -> String {
        switch error {
        case let error as StoreError:
            switch error {
            // What these say repeats what was asked.
            case .usage, .refused: "\(type(of: error))"
            case .log, .projection, .io, .busy: "\(error)"
            }
        case let error as DoorFailure: "\(error)"
        case let error as FHIRError: "\(error.code): \(error.text)"
        default: "\(type(of: error))"
        }
    }
}
