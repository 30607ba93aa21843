import Foundation
import Logging
import Metrics
import Synchronization

/// Where an issuer's keys come from: a file, or an address. Read when first needed, kept, and read again when they are old or a
/// token names one that is not among them; never more often than every few seconds, so that false tokens cannot make it busy.
///
/// While it is read, whoever needs it waits for that one reading. Keys that cannot be read again are believed for a while, and no longer:
/// one that was withdrawn must not live for as long as somebody keeps the address down.
final class KeySource: Sendable {
    /// Seconds after which keys are read again.
    static let maximumAge = 300.0
    /// Seconds after which keys that could not be read again are believed no more.
    static let longestBelief = 3600.0
    /// Seconds between two readings, at least.
    static let pause = 5.0

    private struct Held {
        var keys: KeySet?
        var readAt: Date?
        var triedAt: Date?
        var failedLast = false
        /// Those who wait for the reading under way; nil: there is none.
        var waiting: [CheckedContinuation<Void, Never>]?

        /// Whether the key can be had without reading anything.
        func has(_ keyID: String?, _ now: Date) -> Bool {
            guard let keys, let readAt, now.timeIntervalSince(readAt) < longestBelief else { return false }
            return keyID.map { keys.has($0) } ?? true
        }
    }

    private let place: KeyPlace
    private let logger: Logger
    private let held = Mutex(Held())

    /// - Parameters:
    ///   - place: a path, or an address beginning with `https://` (or `http://` of this machine alone).
    ///   - seconds: for all of it to come.
    init(
        _ place: String, logger: Logger = Logger(label: "daybook.keys"),
        seconds: Double = KeyPlace.usualSeconds
    ) {
        (self.place, self.logger) = (KeyPlace(place, seconds: seconds), logger)
    }

    /// The keys, with the one of that id among them if it can be had.
    ///
    /// - Throws: `keysUnavailable` where no set is to be had that can be believed, or none that could have the key.
    func keys(with keyID: String?, now: Date = Date()) async throws(TokenFault) -> KeySet {
        // After a failure nobody who names a key that is held waits for an address that may hang.
        let isHeld = held.withLock { $0.failedLast && $0.has(keyID, now) }
        if begins(keyID, now) {
            if isHeld { Task { await read(now) } } else { await read(now) }
        } else if !isHeld {
            await wait(keyID, now)
        }
        return try held.withLock { (held) throws(TokenFault) in
            guard let keys = held.keys, let readAt = held.readAt,
                now.timeIntervalSince(readAt) < Self.longestBelief
            else { throw .keysUnavailable }
            // It may be new: only a set that was read says that there is none of that name.
            if let keyID, !keys.has(keyID), held.failedLast { throw .keysUnavailable }
            return keys
        }
    }

    private static func isNeeded(_ held: Held, _ keyID: String?, _ now: Date) -> Bool {
        let isOld = held.readAt.map { now.timeIntervalSince($0) > maximumAge } ?? true
        return isOld || keyID.map { id in !(held.keys?.has(id) ?? false) } ?? false
    }

    /// Whether the caller is the one to read them now.
    private func begins(_ keyID: String?, _ now: Date) -> Bool {
        held.withLock { held in
            let mayTry = held.triedAt.map { now.timeIntervalSince($0) >= Self.pause } ?? true
            guard Self.isNeeded(held, keyID, now), held.waiting == nil, mayTry else { return false }
            (held.triedAt, held.waiting) = (now, [])
            return true
        }
    }

    /// Waits for the reading under way, where there is one and it is needed.
    private func wait(_ keyID: String?, _ now: Date) async {
        await withCheckedContinuation { continuation in
            let isWaiting = held.withLock { held in
                guard held.waiting != nil, Self.isNeeded(held, keyID, now) else { return false }
                held.waiting?.append(continuation)
                return true
            }
            if !isWaiting { continuation.resume() }
        }
    }

    private func elapsed(since begun: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - begun) / .seconds(1)
    }

    private func read(_ now: Date) async {
        let begun = ContinuousClock.now
        var fresh: KeySet?
        var problem = "it is no JSON Web Key Set"
        do { fresh = KeySet(json: try await place.read()) } catch { problem = "\(error)" }
        if fresh == nil {
            logger.error("the issuer's keys could not be read: \(problem)", metadata: ["keys": "\(place)"])
        }
        Counter(label: "daybook_key_set_readings", dimensions: [("result", fresh == nil ? "failed" : "read")])
            .increment()
        let waiting = held.withLock { [fresh] held in
            defer { held.waiting = nil }
            held.failedLast = fresh == nil
            // Counted from the end: one that hangs is not tried again at once.
            held.triedAt = max(held.triedAt ?? now, now + elapsed(since: begun))
            if let fresh { (held.keys, held.readAt) = (fresh, now) }
            return held.waiting ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// What keeps keys from being read, for `/health/ready`; nil where they were, or nobody needed them yet.
    var note: String? {
        held.withLock { held in
            held.failedLast
                ? "the issuer's keys cannot be read: tokens signed with keys that are not known get 503" : nil
        }
    }
}
