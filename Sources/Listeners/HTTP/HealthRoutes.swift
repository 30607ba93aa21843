import Hummingbird
import Intake

/// `/health/live`: the process answers. `/health/ready`: it can serve, or what keeps it from that.
struct HealthRoutes {
    let readiness: Readiness

    func add(to router: Router<ServerContext>) {
        router.get("health/live") { _, _ in Response.json(.ok, Array(#"{"status":"live"}"#.utf8)) }
        router.get("health/ready") { _, _ in
            let problems = readiness.problems()
            var w = JSONWriter(capacity: 128)
            w.object { w in
                w.member("status", problems.isEmpty ? "ready" : "not ready")
                w.key("problems")
                w.array { w in for problem in problems { w.string(problem) } }
                w.key("notes")
                w.array { w in for note in readiness.notes() { w.string(note) } }
            }
            return Response.json(problems.isEmpty ? .ok : .serviceUnavailable, w.finish())
        }
    }
}

extension Response {
    /// An answer of JSON, which nobody keeps.
    static func json(
        _ status: HTTPResponse.Status, _ bytes: [UInt8], type: String = "application/json"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
