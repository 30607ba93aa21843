import Glibc

/// The files of a key store, and how its data file is replaced so that nothing of the old one is left.
///
///     data.mdb, lock.mdb   the environment
///     next/                the one being written, until it is whole and synced
///     old.mdb              a second name of the data file, from just before it is replaced until it is overwritten
///
/// One rename is the moment. Before it, `old.mdb` and `data.mdb` are one file; after it they are two. So whoever finds
/// `old.mdb` knows what is left to do.
struct KeyFolder {
    let directory: String

    init(_ directory: String) { self.directory = directory }

    var data: String { directory + "/data.mdb" }
    private var lock: String { directory + "/lock.mdb" }
    private var old: String { directory + "/old.mdb" }
    /// The folder of the environment being written.
    var next: String { directory + "/next" }
    private var nextData: String { next + "/data.mdb" }

    /// Makes an empty folder for the next environment.
    func prepare() throws(LogError) {
        try finish()
        try StoreDirectory.create(next)
    }

    /// Puts the next environment in the current one's place. This process may have neither open; others find out by the files' numbers.
    func swap(_ step: (ErasureStep) throws(LogError) -> Void) throws(LogError) {
        guard link(data, old) == 0 else { throw .system(code: errno, operation: "link \(old)") }
        try StoreDirectory.sync(directory)
        try step(.linked)
        guard rename(nextData, data) == 0 else { throw .system(code: errno, operation: "rename \(nextData)") }
        // The lock file knows the old file's transactions: a new one goes with the new file.
        unlink(lock)
        try step(.renamed)
        try StoreDirectory.sync(directory)
        try step(.swapped)
    }

    /// Whether the current file is another than the one it was to replace: true from the rename on.
    var isReplaced: Bool {
        var (ofOld, ofData) = (stat(), stat())
        return stat(old, &ofOld) == 0 && stat(data, &ofData) == 0 && ofOld.st_ino != ofData.st_ino
    }

    /// Finishes what a process that ended left. Nobody has the environment open for writing.
    func recover() throws(LogError) {
        if isReplaced {
            let alone = try PathLock(directory, .exclusive)
            defer { withExtendedLifetime(alone) {} }
            // It may still be the one of the old file's transactions.
            unlink(lock)
        }
        try finish()
    }

    /// Overwrites and removes the file that was replaced, and what is left of a replacement that was cut short.
    ///
    /// - Parameter wait: milliseconds that it waits for whoever reads the old file.
    /// - Returns: false where somebody still did when they were over.
    @discardableResult func finish(wait: Int = Self.usualWait) throws(LogError) -> Bool {
        var isAlone = true
        if StoreDirectory.exists(old) {
            guard StoreDirectory.exists(data) else { throw .system(code: errno, operation: "stat \(data)") }
            // One file under two names: it was never replaced.
            if isReplaced {
                // Not before the new file is there for good: a power cut could bring back the old name, of a file of zeros.
                try StoreDirectory.sync(directory)
                // Others may be in the middle of a read of it; nobody begins one, since it has lost its name.
                let alone = try PathLock(old, .exclusive, waitingMilliseconds: wait)
                defer { withExtendedLifetime(alone) {} }
                isAlone = alone.isHeld
                // Whoever stands still in the middle of one goes on in it when it wakes: the way through the file stays, and no key.
                if alone.isHeld { try Self.overwrite(old) } else { try Self.overwriteValues(old) }
            }
            try remove(old)
        }
        try removeNext()
        return isAlone
    }

    static let usualWait = 10_000

    private func removeNext() throws(LogError) {
        guard StoreDirectory.exists(next) else { return }
        if StoreDirectory.exists(nextData) {
            try Self.overwrite(nextData)
            try remove(nextData)
        }
        unlink(next + "/lock.mdb")
        guard rmdir(next) == 0 else { throw .system(code: errno, operation: "rmdir \(next)") }
        try StoreDirectory.sync(directory)
    }

    private func remove(_ path: String) throws(LogError) {
        guard unlink(path) == 0 else { throw .system(code: errno, operation: "unlink \(path)") }
        try StoreDirectory.sync(directory)
    }
}
