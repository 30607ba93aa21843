import Hummingbird
import Server

/// `/metrics`: what was counted, and how the log stands at this moment.
struct MetricsRoute {
    let store: Store
    let registry: PrometheusRegistry

    func add(to router: Router<ServerContext>) {
        router.get("metrics") { _, _ in
            StoreFigures(store: store).record()
            try StoreMetrics(store).report()
            return Response(
                status: .ok,
                headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: registry.text())))
        }
    }
}
