/// The steps of an erasure and of a rotation, in order. A process may end after any of them: what is left is done at
/// the next start.
@_spi(Torture) public enum ErasureStep: String, Sendable, CaseIterable {
    /// The key store knows what is about to be ordered.
    case intended
    /// The order is in the log.
    case ordered
    /// The new file of keys is written and synced.
    case copied
    /// The old file has its second name.
    case linked
    /// The new file stands in the old one's place, not yet known to be there after a power cut.
    case renamed
    /// That is durable.
    case swapped
    /// The old file is overwritten and gone.
    case wiped
    /// That the keys are destroyed is in the log.
    case recorded
}

extension KeyStore {
    /// What a test does after a step: copies the store aside, ends the process, or throws as the next system call would.
    @_spi(Torture) public typealias Probe = @Sendable (ErasureStep) throws(LogError) -> Void

    @_spi(Torture) public func afterSteps(_ probe: Probe?) { self.probe.withLock { $0 = probe } }

    @_spi(Torture) public func reached(_ step: ErasureStep) throws(LogError) {
        let probe = self.probe.withLock { $0 }
        try probe?(step)
    }
}
