/// Seconds that `body` takes, by the monotonic clock.
func seconds<E: Error>(_ body: () throws(E) -> Void) throws(E) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    let spent = clock.now - start
    return Double(spent.components.seconds) + Double(spent.components.attoseconds) * 1e-18
}
