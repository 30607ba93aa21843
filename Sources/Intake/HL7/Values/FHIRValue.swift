import CareRecord

/// A FHIR element being made. What is empty is left out when it is set: FHIR has no empty strings, lists or objects.
enum FHIRValue: Hashable, Sendable {
    /// UTF-8.
    case text([UInt8])
    /// A number exactly as it is to be written.
    case number([UInt8])
    case flag(Bool)
    case list([FHIRValue])
    case object(FHIRObject)

    static func text(_ text: String) -> FHIRValue { .text(Array(text.utf8)) }

    var isEmpty: Bool {
        switch self {
        case .text(let bytes): bytes.allSatisfy { $0 <= 0x20 }
        case .number(let bytes): bytes.isEmpty
        case .flag: false
        case .list(let values): values.isEmpty
        case .object(let object): object.isEmpty
        }
    }

    func write(into w: inout JSONWriter) {
        switch self {
        case .text(let bytes): w.string(utf8: bytes)
        case .number(let bytes): w.raw(bytes)
        case .flag(let value): w.bool(value)
        case .list(let values): w.array { w in for value in values { value.write(into: &w) } }
        case .object(let object): object.write(into: &w)
        }
    }
}

/// The members of a FHIR element, in the order they were set.
struct FHIRObject: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        var name: String
        var value: FHIRValue
    }

    private(set) var members: [Member] = []

    init() {}

    /// - Parameter type: a resource's.
    init(resource type: String, id: String) {
        set("resourceType", type)
        set("id", id)
    }

    var isEmpty: Bool { members.isEmpty }

    /// Adds a member, unless there is nothing in it.
    mutating func set(_ name: String, _ value: FHIRValue?) {
        guard let value, !value.isEmpty else { return }
        members.append(Member(name: name, value: value))
    }

    mutating func set(_ name: String, _ text: String?) { set(name, text.map { FHIRValue.text($0) }) }

    mutating func set(_ name: String, _ object: FHIRObject?) { set(name, object.map { .object($0) }) }

    mutating func set(_ name: String, _ objects: [FHIRObject]) {
        set(name, .list(objects.filter { !$0.isEmpty }.map { .object($0) }))
    }

    subscript(_ name: String) -> FHIRValue? { members.first { $0.name == name }?.value }

    func write(into w: inout JSONWriter) {
        w.object { w in
            for member in members {
                w.key(member.name)
                member.value.write(into: &w)
            }
        }
    }

    /// The JSON of a resource.
    var json: [UInt8] {
        var w = JSONWriter(capacity: 512)
        write(into: &w)
        return w.finish()
    }

    /// `{"reference": …}`.
    static func reference(_ reference: String, display: String? = nil) -> FHIRObject {
        var out = FHIRObject()
        out.set("reference", reference)
        out.set("display", display)
        return out
    }

    static func coding(_ system: String?, _ code: String, display: String? = nil) -> FHIRObject {
        var out = FHIRObject()
        out.set("system", system)
        out.set("code", code)
        out.set("display", display)
        return out
    }

    /// A CodeableConcept of one coding.
    static func concept(_ system: String, _ code: String, display: String? = nil) -> FHIRObject {
        var out = FHIRObject()
        out.set("coding", [coding(system, code, display: display)])
        return out
    }

    /// An extension with one value.
    static func ext(_ url: String, _ name: String, _ value: FHIRValue) -> FHIRObject {
        var out = FHIRObject()
        out.set("url", url)
        out.set(name, value)
        return out
    }
}

/// What a made resource says of itself: every code and every reference in it.
struct FHIRContents {
    private(set) var codes: [Coding] = []
    private(set) var references: [String] = []
    private var seenCodes: Set<Coding> = []
    private var seenReferences: Set<String> = []

    init(_ object: FHIRObject) { visit(object) }

    private mutating func visit(_ object: FHIRObject) {
        if case .text(let code)? = object["code"] {
            var coding = Coding(system: "", code: String(decoding: code, as: UTF8.self))
            if case .text(let system)? = object["system"] {
                coding.system = String(decoding: system, as: UTF8.self)
            }
            if seenCodes.insert(coding).inserted { codes.append(coding) }
        }
        if case .text(let bytes)? = object["reference"] {
            let reference = String(decoding: bytes, as: UTF8.self)
            if seenReferences.insert(reference).inserted { references.append(reference) }
        }
        for member in object.members { visit(member.value) }
    }

    private mutating func visit(_ value: FHIRValue) {
        switch value {
        case .object(let object): visit(object)
        case .list(let values): for value in values { visit(value) }
        default: break
        }
    }
}
