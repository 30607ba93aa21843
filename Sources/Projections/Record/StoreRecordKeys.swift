import Ciphers
import EventLog
import Wire

/// The store's own keys and log, as the record projection asks for them.
public struct StoreRecordKeys: RecordKeys {
    private let keys: KeyStore
    private let opener: RecordOpener
    private let source: any RecordSource

    public init(keys: KeyStore, source: any RecordSource) {
        (self.keys, self.source) = (keys, source)
        opener = RecordOpener(keys: keys)
    }

    public func key(_ slot: KeySlot) throws(ProjectionError) -> SecretKey? {
        do throws(LogError) {
            return try keys.key(slot)
        } catch .destroyed { return nil } catch { throw .log(error) }
    }

    public func body(of record: StoredRecord) throws(ProjectionError) -> Body? {
        do throws(LogError) {
            return try opener.open(.a, of: record.header, sealed: record.partA)
        } catch .destroyed { return nil } catch { throw .log(error) }
    }

    public func recordedAt(_ position: Position) throws(ProjectionError) -> Instant {
        do throws(LogError) { return try source.header(at: position).recordedAt } catch { throw .log(error) }
    }
}
