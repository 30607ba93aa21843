import EventLog
import Metrics
import Server
import Wire

/// How the store stands, as gauges.
struct StoreFigures {
    let store: Store

    func record() {
        guard let head = try? store.log.head.position else { return }
        Meter(label: "daybook_log_position").set(Int64(head.value))
        Meter(label: "daybook_log_stopped").set(store.log.stopReason == nil ? 0 : 1)
        for (name, position, failure) in store.folded {
            let labels = [("projection", name)]
            Meter(label: "daybook_projection_position", dimensions: labels).set(Int64(position.value))
            Meter(label: "daybook_projection_lag_records", dimensions: labels).set(
                Int64(head.value - min(head.value, position.value)))
            Meter(label: "daybook_projection_failed", dimensions: labels).set(failure == nil ? 0 : 1)
        }
    }
}
