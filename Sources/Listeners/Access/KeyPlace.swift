import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A file or an address with a JSON Web Key Set.
struct KeyPlace: Sendable, CustomStringConvertible {
    /// Bytes of a key set.
    static let maximumBytes = 1 << 20
    /// Seconds for all of it to come, unless told otherwise.
    static let usualSeconds = 5.0

    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    private let text: String
    private let seconds: Double

    init(_ text: String, seconds: Double = usualSeconds) { (self.text, self.seconds) = (text, seconds) }

    /// As it may be shown: a name and password before the host are nobody's to read.
    var description: String { ServeSettings.withoutPassword(text) }

    /// - Throws: what stands in the way, for whoever runs the server.
    func read() async throws -> [UInt8] {
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            return try await withCheckedThrowingContinuation { continuation in
                // Waits for the disk: not on a thread that serves.
                DispatchQueue.global().async { continuation.resume(with: Result { try file() }) }
            }
        }
        guard let url = URL(string: text), let host = url.host else {
            throw Unreadable(description: "it is no address")
        }
        // In the clear only where nobody else listens.
        let isHere = ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host)
        guard url.scheme == "https" || isHere else {
            throw Unreadable(description: "keys are fetched over https, or http of this machine alone")
        }
        return try await KeyFetch.bytes(of: url, seconds: seconds)
    }

    private func file() throws -> [UInt8] {
        let data = try Data(contentsOf: URL(filePath: text))
        guard data.count <= Self.maximumBytes else { throw Unreadable(description: "it is too large") }
        return Array(data)
    }
}

/// One fetch: no further than a bound, and to nowhere else than was asked.
///
/// `@unchecked Sendable` because its state is touched on the session's own queue alone, which runs one thing at a time.
private final class KeyFetch: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private var bytes: [UInt8] = []
    private var problem: String?
    private let continuation: CheckedContinuation<[UInt8], any Error>

    private init(_ continuation: CheckedContinuation<[UInt8], any Error>) { self.continuation = continuation }

    static func bytes(of url: URL, seconds: Double) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            let configuration = URLSessionConfiguration.ephemeral
            configuration.timeoutIntervalForRequest = seconds
            configuration.timeoutIntervalForResource = seconds
            let session = URLSession(
                configuration: configuration, delegate: KeyFetch(continuation), delegateQueue: nil)
            session.dataTask(with: url).resume()
            session.finishTasksAndInvalidate()
        }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        if status != 200 { problem = "it answers \(status)" }
        completionHandler(status == 200 ? .allow : .cancel)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard bytes.count + data.count <= KeyPlace.maximumBytes else {
            problem = "it is too large"
            return dataTask.cancel()
        }
        bytes += data
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let told = problem ?? error.map({ "\($0)" }) {
            continuation.resume(throwing: KeyPlace.Unreadable(description: told))
        } else {
            continuation.resume(returning: bytes)
        }
    }
}
