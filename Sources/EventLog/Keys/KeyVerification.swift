import Ciphers
import LMDB
import Wire

/// What `verify` found in a key store.
public struct KeyReport: Sendable, Hashable {
    /// Entries that open, and those of destroyed keys.
    public var keys: UInt64 = 0
    public var destroyed: UInt64 = 0
    /// The last slot that has an entry.
    public var last = KeySlot.none
    /// The first problems, each naming its slot or entry; `VerifyReport.problemsKept` at most.
    public var problems: [String] = []
    public var problemCount: UInt64 = 0

    public var isSound: Bool { problemCount == 0 }

    /// The log names a slot past the last one.
    public mutating func noteMissing(_ slot: KeySlot) {
        note("\(slot): the log names it, and there is no key")
    }

    mutating func note(_ what: String) {
        problemCount += 1
        if problems.count < VerifyReport.problemsKept { problems.append(what) }
    }
}

/// Opens every entry of a key store, whatever state it is in: each key under the master key (and its members', a joint one),
/// each joint's name, the signing key, and the store's own entries against all that.
public struct KeyVerification {
    private let tables: KeyTables
    private let master: SecretKey
    private var report = KeyReport()
    private var joints: [KeySlot: [KeySlot]] = [:]
    private var region: SecretKey?
    private var dead: Set<KeySlot> = []

    /// Runs over the key store in a folder, beside whoever writes it.
    ///
    /// - Parameter progress: entries looked at.
    /// - Throws: `key` where the master key opens nothing at all; `lmdb`, `notFound`.
    public static func run(
        at directory: String, master: SecretKey, progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) -> KeyReport {
        // As of one transaction: keys and joint keys may be made meanwhile. Where keys are destroyed meanwhile, all of it again.
        try KeyTables.sections(of: directory) { (tables, t) throws(LogError) in
            var run = KeyVerification(tables: tables, master: master)
            try run.checkSlots(t, progress)
            try run.checkJoints(t)
            try run.checkMeta(t)
            return run.report
        }
    }

    private init(tables: KeyTables, master: SecretKey) { (self.tables, self.master) = (tables, master) }

    private mutating func checkSlots(
        _ t: borrowing ReadTransaction, _ progress: (UInt64) -> Void
    ) throws(LogError) {
        var next = UInt64(1)
        try tables.eachBatch(of: tables.slots, in: t) { (entries) throws(LogError) in
            for (key, entry) in entries {
                guard let slot = try? KeyStore.slot(key) else {
                    report.note("an entry of the key slots stands under what is no slot")
                    continue
                }
                if slot.value != next { report.note("slot \(next): the key is missing") }
                next = slot.value &+ 1
                checkEntry(slot, entry, t)
                report.last = slot
            }
            progress(report.last.value)
        }
        if report.keys == 0 {
            throw .key(slot: .none, what: "the master key opens no key of this store: is it the store's?")
        }
    }

    private mutating func checkEntry(
        _ slot: KeySlot, _ bytes: [UInt8], _ t: borrowing ReadTransaction
    ) {
        do {
            switch try KeyEntry(bytes[...]) {
            case .destroyed:
                report.destroyed += 1
                dead.insert(slot)
                // A key that was destroyed leaves one byte; more of it is a key that something made unreadable.
                if bytes.count != 1 { report.note("\(slot): its entry says destroyed, and is not empty") }
            case .plain(let wrapped):
                let key = try KeyEntry.unwrap(wrapped, slot: slot, keys: [master])
                report.keys += 1
                if slot == .region { region = key }
            case .joint(let members, let wrapped):
                joints[slot] = members
                var keys = [master]
                for member in members { keys.append(try memberKey(member, t)) }
                _ = try KeyEntry.unwrap(wrapped, slot: slot, keys: keys)
                report.keys += 1
            }
        } catch { report.note("\(slot): the key does not open: \(error)") }
    }

    private func memberKey(_ slot: KeySlot, _ t: borrowing ReadTransaction) throws -> SecretKey {
        guard let entry = try t.copy(tables.slots, slot.value) else {
            throw LogError.key(slot: slot, what: "a member that is not there")
        }
        switch try KeyEntry(entry[...]) {
        case .destroyed: throw LogError.key(slot: slot, what: "a member that was destroyed")
        case .plain(let wrapped): return try KeyEntry.unwrap(wrapped, slot: slot, keys: [master])
        case .joint(let members, let wrapped):
            var keys = [master]
            for member in members {
                // Members are below their joint, which ends the recursion on damage too.
                guard member < slot else {
                    throw LogError.key(slot: slot, what: "a member with members above it")
                }
                keys.append(try memberKey(member, t))
            }
            return try KeyEntry.unwrap(wrapped, slot: slot, keys: keys)
        }
    }

    /// Each joint key is found by the name of its members, and each name leads to one.
    private mutating func checkJoints(_ t: borrowing ReadTransaction) throws(LogError) {
        var named: Set<KeySlot> = []
        var problems: [String] = []
        try tables.eachBatch(of: tables.joints, in: t) { (entries) throws(LogError) in
            for (name, value) in entries {
                guard let slot = try? KeyStore.slot(value), let members = joints[slot],
                    KeyStore.name(ofJoint: members) == name
                else {
                    problems.append(
                        "the joint key named \(Hex.encode(name.prefix(8)))… is not that of its members")
                    continue
                }
                named.insert(slot)
            }
        }
        for problem in problems { report.note(problem) }
        for slot in joints.keys.sorted() where !named.contains(slot) {
            report.note("\(slot): the joint key has no name")
        }
    }

    private mutating func checkMeta(_ t: borrowing ReadTransaction) throws(LogError) {
        var unknown: [String] = []
        var meta: [[UInt8]?] = []
        for key in [
            KeyStore.MetaKey.format, KeyStore.MetaKey.check, KeyStore.MetaKey.allocated,
            KeyStore.MetaKey.destroyed, KeyStore.MetaKey.signing,
        ] {
            do throws(LMDBError) { meta.append(try t.copy(tables.meta, key)) } catch { throw .lmdb(error) }
        }
        if meta[0] != [KeyStore.formatVersion] {
            report.note("the key store's format entry is not what was written")
        }
        if meta[1].map({ KeyStore.isCheck($0, master) }) != true {
            report.note("the entry that tells a right master key from a wrong one is not what was written")
        }
        if meta[2].flatMap({ try? KeyStore.slot($0) }) != report.last {
            report.note("the entry of the last slot is not \(report.last)")
        }
        if let bytes = meta[3] {
            let listed = (try? KeyStore.slots(bytes)) ?? [.none]
            for slot in listed where !dead.contains(slot) {
                report.note("the list of destroyed keys names \(slot), whose key was not destroyed")
            }
        }
        try tables.eachBatch(of: tables.meta, in: t) { (entries) throws(LogError) in
            for (key, _) in entries where !KeyStore.MetaKey.all.contains(key) {
                unknown.append(String(decoding: key, as: UTF8.self))
            }
        }
        for name in unknown { report.note("an entry of the key store's own that it does not know: \(name)") }
        guard let signing = meta[4], let region else { return }
        do throws(LogError) { _ = try SigningEntry.decode(signing, region: region) } catch {
            report.note(error.description)
        }
    }
}
