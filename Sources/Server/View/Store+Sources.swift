import CareRecord
import EventLog
import Projections
import Wire

extension Store {
    /// How often a feed's maximum silence must have passed before it counts as down rather than late.
    static let silencesUntilDown: Int64 = 3

    /// Every source's status at the point (decision 4, clause 11).
    func sources(at point: AskedPoint, _ history: RegionHistory) throws(StoreError) -> [SourceStatus] {
        let state = history.state(at: point.decision)
        let identity = identityReader(at: point.position)
        var out: [SourceStatus] = []
        for ods in state.organisationsInForce {
            let feed = state.feed(ods).terms
            let hasAgreement = state.hasAgreement(controller: ods)
            guard feed != nil || state.controlsAgreement(ods) else { continue }
            let last: Instant?
            do throws(ProjectionError) { last = try identity.lastUpdate(from: ods) } catch {
                throw .projection(error)
            }
            out.append(
                SourceStatus(
                    source: ods,
                    status: hasAgreement
                        ? status(last, feed?.maxSilence, at: point.instant, state.calendar) : .noAgreement,
                    last: last))
        }
        return out.sorted { $0.source < $1.source }
    }

    private func status(
        _ last: Instant?, _ silence: CalendarDuration?, at instant: Instant, _ calendar: StoreCalendar
    ) -> SourceStatus.Status {
        guard let last else { return .never }
        guard let silence else { return .live }
        let late = calendar.end(of: silence, from: last)
        if instant <= late { return .live }
        let down = last.microseconds + Self.silencesUntilDown * (late.microseconds - last.microseconds)
        return instant.microseconds <= down ? .late : .down
    }
}
