import Ciphers
import EventLog
import Wire

/// What the record projection needs of the log beside its records: keys, bodies, and when a position was recorded.
public struct RecordKeys: Sendable {
    private let keys: KeyStore
    private let opener: RecordOpener
    private let source: any RecordSource

    public init(keys: KeyStore, source: any RecordSource) {
        (self.keys, self.source) = (keys, source)
        opener = RecordOpener(keys: keys)
    }

    /// - Returns: nil where the key was destroyed.
    func key(_ slot: KeySlot) throws(ProjectionError) -> SecretKey? {
        do throws(LogError) {
            return try keys.key(slot)
        } catch .destroyed { return nil } catch { throw .log(error) }
    }

    /// Part A of a record, opened and checked.
    /// - Returns: nil where its key was destroyed.
    func body(of header: RecordHeader, sealed: RawSpan) throws(ProjectionError) -> Body? {
        do throws(LogError) {
            return try opener.open(.a, of: header, sealed: sealed)
        } catch .destroyed { return nil } catch { throw .log(error) }
    }

    /// What the items of a subject are hashed with: nobody can tell which items there were without the store's keys.
    func itemSalt(_ subject: StreamToken) -> StreamToken {
        keys.token(.view, Array("items\u{0}".utf8) + subject.bytes)
    }

    func recordedAt(_ position: Position) throws(ProjectionError) -> Instant {
        do throws(LogError) { return try source.header(at: position).recordedAt } catch { throw .log(error) }
    }
}
