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
    /// The new file stands in the old one's place.
    case swapped
    /// The old file is overwritten and gone.
    case wiped
    /// That the keys are destroyed is in the log.
    case recorded
}

extension KeyStore {
    /// Says what a test does after each step: copies the store aside, or ends the process.
    @_spi(Torture) public func afterSteps(_ probe: (@Sendable (ErasureStep) -> Void)?) {
        self.probe.withLock { $0 = probe }
    }

    @_spi(Torture) public func reached(_ step: ErasureStep) {
        let probe = self.probe.withLock { $0 }
        probe?(step)
    }
}
