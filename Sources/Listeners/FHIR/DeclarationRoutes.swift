import CareRecord
import HTTPTypes
import Hummingbird
import Intake
import Server
import Wire

/// `POST /fhir/$override` and `/fhir/$self-claim`: the way on from a denial, where the role allows it. What they are sent is a Parameters
/// resource: `patient` (an NHS number as `valueIdentifier`, or a Patient's id as `valueReference`), `reason`, of an override `kind`, and,
/// where it is to end otherwise than the region has it, `period` as a duration.
struct DeclarationRoutes: FHIRRouteGroup {
    static let maximumBytes = 16 << 10

    let calls: StoreCalls

    func add(to known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: calls))
        fhir.post("$override") { try await declare($0, $1, isOverride: true) }
        fhir.post("$self-claim") { try await declare($0, $1, isOverride: false) }
    }

    private func declare(
        _ request: Request, _ context: ServerContext, isOverride: Bool
    ) async throws -> Response {
        let caller = try context.authenticated()
        let declaration = try Self.declaration(try await Self.body(request), isOverride: isOverride)
        let declared: Declared
        do { declared = try await calls.run { try $0.declare(declaration, by: caller) } } catch let refusal
            as ResourceRefusal
        {
            throw FHIRError(refusal)
        }
        var response = Response.json(.created, Self.json(declared), type: FHIRAnswer.contentType)
        response.headers[FHIRAnswer.position] = String(declared.position.value)
        return response
    }

    private static func body(_ request: Request) async throws -> JSONCursor {
        guard let type = request.headers[.contentType],
            type.hasPrefix("application/") && type.contains("json")
        else {
            throw FHIRError(
                .unsupportedMediaType, "processing", "BAD_REQUEST", "send application/fhir+json")
        }
        var request = request
        let bytes = Array(buffer: try await request.collectBody(upTo: maximumBytes))
        guard let document = try? JSONDocument(bytes, limits: JSONLimits(bytes: maximumBytes, depth: 8)),
            document.root["resourceType"]?.string == "Parameters"
        else { throw FHIRError.badRequest("send a Parameters resource") }
        return document.root
    }

    private static func declaration(_ body: JSONCursor, isOverride: Bool) throws -> Declaration {
        var values: [String: JSONCursor] = [:]
        for parameter in body["parameter"]?.elements ?? [] {
            guard let name = parameter["name"]?.string,
                ["patient", "reason", "kind", "period"].contains(name), values[name] == nil
            else { throw FHIRError.badRequest("parameter: patient, reason, kind and period, each once") }
            values[name] = parameter
        }
        guard let patient = try values["patient"].map(Self.patient) else {
            throw FHIRError.badRequest("patient: an NHS number, or a Patient's id")
        }
        let reason = values["reason"]?["valueString"]?.string ?? ""
        guard reason.contains(where: { !$0.isWhitespace }), reason.utf8.count <= Declaration.maximumReason
        else { throw FHIRError.badRequest("reason: say why, in up to \(Declaration.maximumReason) bytes") }
        var duration: CalendarDuration?
        if let period = values["period"] {
            guard let text = period["valueString"]?.string ?? period["valueCode"]?.string,
                let read = CalendarDuration(text)
            else { throw FHIRError.badRequest("period: a duration such as PT1H") }
            duration = read
        }
        let word = values["kind"].flatMap { $0["valueCode"]?.string ?? $0["valueString"]?.string }
        guard isOverride else {
            guard word == nil else { throw FHIRError.badRequest("kind: an override's alone") }
            return Declaration(.selfClaim, patient: patient, reason: reason, duration: duration)
        }
        guard let kind = OverrideKind(rawValue: word ?? OverrideKind.emergency.rawValue) else {
            let kinds = OverrideKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw FHIRError.badRequest("kind: one of \(kinds)")
        }
        return Declaration(.override(kind), patient: patient, reason: reason, duration: duration)
    }

    private static func patient(_ parameter: JSONCursor) throws -> PatientReference {
        if let identifier = parameter["valueIdentifier"] {
            let system = identifier["system"]?.string ?? FHIRQuery.numberSystem
            return try FHIRQuery.number("\(system)|\(identifier["value"]?.string ?? "")")
        }
        let text =
            parameter["valueReference"]?["reference"]?.string ?? parameter["valueId"]?.string ?? ""
        let id = text.split(separator: "/").last.map(String.init) ?? ""
        guard FHIRNames.isID(id), let dot = id.firstIndex(of: "."),
            let subject = SubjectID("\(id[..<dot]):\(id[id.index(after: dot)...])")
        else { throw FHIRError.badRequest("patient: an NHS number, or a Patient's id") }
        return .subject(subject)
    }

    private static func json(_ declared: Declared) -> [UInt8] {
        var w = JSONWriter(capacity: 256)
        w.object { w in
            w.member("resourceType", "Parameters")
            w.key("parameter")
            w.array { w in
                w.object { w in
                    w.member("name", "id")
                    w.member("valueString", declared.id)
                }
                w.object { w in
                    w.member("name", "position")
                    w.member("valueString", String(declared.position.value))
                }
                guard let expires = declared.expires else { return }
                w.object { w in
                    w.member("name", "expires")
                    w.member("valueInstant", expires.rfc3339)
                }
            }
        }
        return w.finish()
    }
}
