import CareRecord
import Wire

/// A FHIR element being made: its members' JSON in the order they were set, and every code and reference in it.
struct FHIRObject: Sendable {
    /// The members as JSON, commas between them, without the braces.
    private var members: [UInt8] = []
    /// What it says of itself, and then what is in it: its own coding, and those of its parts in order. One may come twice.
    private(set) var codings: [Coding] = []
    private(set) var references: [String] = []
    /// Of a resource.
    private(set) var type = ""
    private(set) var id = ""
    private(set) var status: String?
    /// Of a CodeableConcept.
    private(set) var text: String?

    init() {}

    /// - Parameter type: a resource's.
    init(resource type: String, id: String) {
        members.reserveCapacity(1024)
        (self.type, self.id) = (type, id)
        set("resourceType", type)
        set("id", id)
    }

    var isEmpty: Bool { members.isEmpty }

    // MARK: Members

    /// Adds a member, unless there is nothing in it.
    mutating func set(_ name: String, _ value: FHIRValue?) {
        switch value {
        case .text(let text)?: set(name, text)
        case .utf8(let bytes)?:
            guard bytes.contains(where: { $0 > 0x20 }) else { return }
            begin(name)
            JSONWriter.appendQuoted(bytes, to: &members)
        case .texts(let texts)?: set(name, texts: texts)
        case .number(let digits)?:
            guard !digits.isEmpty else { return }
            begin(name)
            members += digits
        case .flag(let value)?:
            begin(name)
            members += (value ? "true" : "false").utf8
        case .object(let object)?: set(name, object)
        case nil: break
        }
    }

    mutating func set(_ name: String, _ text: String?) {
        guard let text, !text.isBlank else { return }
        begin(name)
        JSONWriter.appendQuoted(text.utf8, to: &members)
    }

    mutating func set(_ name: String, texts: [String]) {
        if texts.isEmpty { return }
        begin(name)
        members.append(JSONBytes.openBracket)
        for (index, text) in texts.enumerated() {
            if index > 0 { members.append(JSONBytes.comma) }
            JSONWriter.appendQuoted(text.utf8, to: &members)
        }
        members.append(JSONBytes.closeBracket)
    }

    mutating func set(_ name: String, _ object: FHIRObject?) {
        guard let object, !object.isEmpty else { return }
        begin(name)
        append(object)
    }

    mutating func set(_ name: String, _ objects: [FHIRObject]) {
        var isFirst = true
        for object in objects where !object.isEmpty {
            if isFirst {
                begin(name)
                members.append(JSONBytes.openBracket)
            } else {
                members.append(JSONBytes.comma)
            }
            append(object)
            isFirst = false
        }
        if !isFirst { members.append(JSONBytes.closeBracket) }
    }

    /// A resource's own status, which its item has too.
    mutating func setStatus(_ status: String?) {
        self.status = status
        set("status", status)
    }

    /// The words of a CodeableConcept.
    mutating func setText(_ text: String?) {
        self.text = text.flatMap { $0.isBlank ? nil : $0 }
        set("text", text)
    }

    /// A code and its system.
    mutating func setCode(_ code: String, system: String?) {
        set("system", system)
        set("code", code)
        if code.isBlank { return }
        codings.insert(Coding(system: system.flatMap { $0.isBlank ? nil : $0 } ?? "", code: code), at: 0)
    }

    private mutating func begin(_ name: String) {
        if members.isEmpty {
            members.reserveCapacity(120)
        } else {
            members.append(JSONBytes.comma)
        }
        JSONWriter.appendQuoted(name.utf8, to: &members)
        members.append(JSONBytes.colon)
    }

    private mutating func append(_ object: FHIRObject) {
        members.append(JSONBytes.openBrace)
        members += object.members
        members.append(JSONBytes.closeBrace)
        codings += object.codings
        references += object.references
    }

    // MARK: Kinds

    /// `{"reference": …}`.
    static func reference(_ reference: String, display: String? = nil) -> FHIRObject {
        var out = FHIRObject()
        out.set("reference", reference)
        out.references.append(reference)
        out.set("display", display)
        return out
    }

    static func coding(_ system: String?, _ code: String, display: String? = nil) -> FHIRObject {
        var out = FHIRObject()
        out.setCode(code, system: system)
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

    // MARK: What is made

    /// The JSON of a resource.
    var json: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(members.count + 2)
        out.append(JSONBytes.openBrace)
        out += members
        out.append(JSONBytes.closeBrace)
        return out
    }

    func isSame(as other: FHIRObject) -> Bool { members == other.members }
}

extension String {
    /// Whether there is nothing but white space and control characters in it.
    fileprivate var isBlank: Bool { !utf8.contains { $0 > 0x20 } }
}

extension Array where Element: Hashable {
    /// Each once, where it first stands.
    var unique: [Element] {
        // Nearly all are few.
        if count <= 16 {
            var out: [Element] = []
            out.reserveCapacity(count)
            for one in self where !out.contains(one) { out.append(one) }
            return out
        }
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
