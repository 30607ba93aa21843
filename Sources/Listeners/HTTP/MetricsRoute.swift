import Hummingbird

/// `/metrics`: what was counted, and how the log stands, now or as of when it was last found out.
struct MetricsRoute {
    let figures: StoreFigures
    let registry: PrometheusRegistry

    func add(to router: Router<ServerContext>) {
        router.get("metrics") { _, _ in
            await figures.refresh()
            return Response(
                status: .ok,
                headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: registry.text())))
        }
    }
}
