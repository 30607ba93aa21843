/// Where the master key comes from: it wraps every other key, and is never in the store.
public enum MasterKeySource: Hashable, Sendable {
    /// A file of 64 hexadecimal digits that only its owner may read.
    case file(path: String)
    /// An environment variable of 64 hexadecimal digits.
    case environment(name: String)
    /// A shell command that prints 64 hexadecimal digits: a secrets manager's client, say.
    case command(String)

    /// Reads `env:NAME`, `command:SHELL COMMAND`, `file:PATH`, or a plain path.
    public init(_ text: String) {
        func rest(_ prefix: String) -> String? {
            text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
        }
        if let name = rest("env:") {
            self = .environment(name: name)
        } else if let command = rest("command:") {
            self = .command(command)
        } else {
            self = .file(path: rest("file:") ?? text)
        }
    }
}
