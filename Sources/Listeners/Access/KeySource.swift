import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Where an issuer's keys come from: a file, or an address. Read when first needed, kept, and read again when they are old or a
/// token names one that is not among them; never more often than every few seconds, so that false tokens cannot make it busy.
final class KeySource: Sendable {
    /// Seconds after which keys are read again.
    static let maximumAge = 300.0
    /// Seconds between two readings, at least.
    static let pause = 5.0
    /// Bytes of a key set.
    static let maximumBytes = 1 << 20

    private struct Held {
        var keys = KeySet(keys: [])
        var readAt: Date?
        var triedAt: Date?
    }

    private let place: String
    private let held = Mutex(Held())

    /// - Parameter place: a path, or an address beginning with `https://` (or `http://` of this machine alone).
    init(_ place: String) { self.place = place }

    /// The keys, with the one of that id among them if it can be had.
    func keys(with keyID: String?, now: Date = Date()) async -> KeySet {
        let (keys, isDue) = held.withLock { held -> (KeySet, Bool) in
            let isOld = held.readAt.map { now.timeIntervalSince($0) > Self.maximumAge } ?? true
            let lacks = keyID.map { !held.keys.has($0) } ?? false
            let mayTry = held.triedAt.map { now.timeIntervalSince($0) >= Self.pause } ?? true
            guard mayTry, isOld || lacks else { return (held.keys, false) }
            held.triedAt = now
            return (held.keys, true)
        }
        guard isDue, let bytes = await read(), let fresh = KeySet(json: bytes) else { return keys }
        held.withLock { held in
            held.keys = fresh
            held.readAt = now
        }
        return fresh
    }

    private func read() async -> [UInt8]? {
        guard place.hasPrefix("http://") || place.hasPrefix("https://") else {
            guard let data = FileManager.default.contents(atPath: place), data.count <= Self.maximumBytes
            else {
                return nil
            }
            return Array(data)
        }
        guard let url = URL(string: place), let host = url.host else { return nil }
        // In the clear only where nobody else listens.
        let isHere = ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host)
        guard url.scheme == "https" || isHere else { return nil }
        var request = URLRequest(url: url)
        request.timeoutInterval = 5
        guard let (data, response) = try? await URLSession.shared.data(for: request),
            (response as? HTTPURLResponse)?.statusCode == 200, data.count <= Self.maximumBytes
        else { return nil }
        return Array(data)
    }
}
