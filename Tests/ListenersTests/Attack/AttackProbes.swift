import EventLog
import Foundation
import Server
import Wire

@testable import Listeners
@testable import Server

/// The questions of the attack suite, made from what an attacker may guess: ids, codes, dates, positions.
struct AttackProbes {
    /// Every type that can be searched, where `DAYBOOK_ATTACK=all`; else those that a test names.
    static func types(_ usual: [String]) -> [String] {
        ProcessInfo.processInfo.environment["DAYBOOK_ATTACK"] == "all" ? SearchParameters.types : usual
    }

    /// Asked by every parameter, order and page.
    var types: [String]
    /// How the patient is named in a search: `patient.identifier=…` or `patient=…`.
    var patient: String
    /// Ids of Patients, for `$everything` and reads.
    var patients: [String]
    /// `Type/id` as Daybook names them.
    var references: [String]
    /// Positions of their versions, and those around them.
    var positions: [UInt64]
    /// Who asks, for questions about their own sight.
    var user = AttackRegion.nurse

    var all: [AttackProbe] {
        types.flatMap(searches) + references.flatMap(reads) + patients.flatMap(everything) + made
            + batches
            + writes + wrong + doors
    }

    // MARK: Searches

    private static let time = "2018-02-10"

    /// A value that what is withheld has, and one that nothing has.
    private static func values(_ parameter: SearchParameters.Parameter, _ references: [String]) -> [String] {
        switch parameter.kind {
        case .date:
            return ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"].map { $0 + AttackSecret.date }
                + ["2018-01-14"]
        case .reference:
            let wanted = references.prefix(4) + ["Condition/ZZG01.none"]
            return wanted.flatMap { [$0, String($0.split(separator: "/")[1])] }
        case .token:
            let right =
                [
                    "identifier": [AttackSecret.identifier, "s-77"],
                    "status": ["final", "current", "finished"],
                    "category": ["laboratory", "problem-list-item"], "clinical-status": ["active"],
                    "verification-status": ["confirmed"], "class": ["AMB"],
                ][parameter.name] ?? ["http://loinc.org|\(AttackSecret.code)", AttackSecret.code, "XKCODE"]
            return right + ["none"]
        }
    }

    private func searches(_ type: String) -> [AttackProbe] {
        let base = "\(type)?\(patient)"
        var out = [AttackProbe(base), AttackProbe(.head, base)]
        var sorts = ["_id", "_lastUpdated"]
        for parameter in SearchParameters.of(type) where parameter.name != "patient" {
            for value in Self.values(parameter, references) {
                let escaped = value.replacing("|", with: "%7C")
                out.append(AttackProbe("\(base)&\(parameter.name)=\(escaped)"))
                if parameter.kind == .token {
                    out.append(AttackProbe("\(base)&\(parameter.name):not=\(escaped)"))
                }
            }
            if parameter.kind == .reference {
                out.append(AttackProbe("\(base)&_include=\(type):\(parameter.name)"))
            } else {
                sorts.append(parameter.name)
            }
        }
        for name in sorts { out += ["", "-"].map { AttackProbe("\(base)&_sort=\($0)\(name)&_count=2") } }
        for id in references.filter({ $0.hasPrefix(type + "/") }).map({ $0.split(separator: "/")[1] }) {
            out.append(AttackProbe("\(base)&_id=\(id)"))
            out.append(AttackProbe("\(base)&_id=\(id),ZZH01.ho-1&_summary=count"))
        }
        for more in [
            "_count=0", "_count=3", "_count=4", "_count=500", "_summary=count", "_summary=true",
            "_summary=text",
            "_summary=data", "_elements=code,status", "_elements=text", "_total=none", "_total=estimate",
            "_total=accurate&_count=1", "_include=*", "_revinclude=*", "_include=*&_revinclude=*&_count=1",
            "_revinclude=Provenance:target", "_revinclude=DiagnosticReport:result",
            "_revinclude=Encounter:diagnosis", "_revinclude=Encounter:*", "_lastUpdated=ge\(Self.time)",
            "_lastUpdated=lt\(Self.time)", "_asof=%23\(positions[0])", "_has:Observation:patient:code=1",
            "_has:DiagnosticReport:result:code=\(AttackSecret.code)", "encounter.type=\(AttackSecret.code)",
            "patient.name=x", "subject:Patient.name=x", "_filter=code%20eq%201", "_contained=true", "_text=x",
            "_content=\(AttackSecret.code)", "_list=x", "_query=x", "_security=\(AttackRegion.label.code)",
        ] { out.append(AttackProbe("\(base)&\(more)")) }
        for more in ["_has:Observation:patient:code=1", "encounter.type=\(AttackSecret.code)", "_security=x"]
        {
            out.append(AttackProbe("\(base)&\(more)", [("Prefer", "handling=lenient")]))
        }
        out.append(AttackProbe("\(base)&_count=1", isPaged: true))
        out.append(AttackProbe("\(base)&_count=2&_sort=-_lastUpdated", isPaged: true))
        // A commitment is another in each store, and packed cannot be told from the rest: so those are compared as they are.
        let packed = type == "Provenance" ? [] : [("Accept-Encoding", "gzip")]
        out.append(AttackProbe("\(base)&_include=*&_revinclude=*", packed))
        out.append(AttackProbe("\(type)/_history?\(patient)"))
        out.append(AttackProbe("\(type)/_history?\(patient)&_count=1", isPaged: true))
        for more in ["_since=\(Self.time)", "_at=2018-02-06", "_at=2018-02", "_at=2018-02-12", "_count=0"] {
            out.append(AttackProbe("\(type)/_history?\(patient)&\(more)"))
        }
        out.append(
            AttackProbe(
                .post, "\(type)/_search", [("Content-Type", "application/x-www-form-urlencoded")],
                body: "\(patient)&code=\(AttackSecret.code)&_total=accurate"))
        return out
    }

    // MARK: One resource

    private func reads(_ reference: String) -> [AttackProbe] {
        var out = [
            AttackProbe(reference), AttackProbe(.head, reference), AttackProbe("\(reference)?\(patient)"),
            AttackProbe("\(reference)?_elements=id"), AttackProbe("\(reference)?_summary=true"),
            AttackProbe(reference, [("If-None-Match", "*")]),
            AttackProbe(reference, [("If-Modified-Since", "Mon, 01 Jan 2035 00:00:00 GMT")]),
            AttackProbe(reference, [("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT")]),
            AttackProbe(reference, [("Accept-Encoding", "gzip")]),
            AttackProbe(reference, [("Accept", "text/plain")]),
            AttackProbe("\(reference)/_history"), AttackProbe("\(reference)/_history?\(patient)"),
            AttackProbe("\(reference)/_history?_since=\(Self.time)"),
            AttackProbe("\(reference)/_history?_at=2018-02"), AttackProbe("\(reference)/_history?_count=0"),
            AttackProbe("Provenance?\(patient)&target=\(reference)"),
            AttackProbe("AuditEvent?entity=\(reference)"), AttackProbe("\(reference)/$meta"),
        ]
        if !reference.hasPrefix("Patient/") { out.append(AttackProbe("\(reference)/$everything")) }
        for position in positions {
            out.append(AttackProbe("\(reference)/_history/\(position)"))
            out.append(AttackProbe(reference, [("If-None-Match", "W/\"\(position)\"")]))
            out.append(
                AttackProbe("Provenance/" + VersionProvenance.id(of: reference, at: Position(position))))
        }
        return out
    }

    private func everything(_ id: String) -> [AttackProbe] {
        let base = "Patient/\(id)/$everything"
        var out = [
            AttackProbe(base), AttackProbe(.head, base), AttackProbe(base, [("Accept-Encoding", "gzip")]),
            AttackProbe("\(base)?_since=\(Self.time)"), AttackProbe("\(base)?_since=2018-02-06&_count=2"),
            AttackProbe("\(base)?_count=1", isPaged: true), AttackProbe("\(base)?_count=5", isPaged: true),
            AttackProbe("Patient/\(id)"), AttackProbe("Patient/\(id)/_history"),
            AttackProbe("Patient?_id=\(id)"),
            AttackProbe("AuditEvent?patient=\(id)"), AttackProbe("Consent?patient=\(id)"),
            AttackProbe("Observation?patient=\(id)"), AttackProbe("Condition/_history?patient=\(id)"),
            AttackProbe("Observation/ZZH01.ho-1?patient=\(id)"),
            AttackProbe("Practitioner/ZZH01.hp-1?patient=\(id)"),
        ]
        for type in AttackSecret.types + AttackSecret.cited + ["Device", "Patient"] {
            out.append(AttackProbe("\(base)?_type=\(type)"))
        }
        return out
    }

    // MARK: All else

    private var made: [AttackProbe] {
        ["Provenance", "Consent", "AuditEvent", "Practitioner", "Specimen", "Binary", "Device", "Basic"]
            .flatMap {
                [AttackProbe("\($0)?\(patient)"), AttackProbe("\($0)?\(patient)&_summary=count")]
            }
            + positions.map { AttackProbe("Consent/policy-\($0)") }
            + positions.map { AttackProbe("AuditEvent/receipt-\($0)") }
            + references.map { AttackProbe("Provenance?target=\($0)") }
            + [AttackProbe("Patient?\(patient.replacing("patient.", with: ""))")]
    }

    private var batches: [AttackProbe] {
        let urls =
            references.flatMap { [$0, "\($0)/_history"] } + [
                "Observation?\(patient)&code=\(AttackSecret.code)"
            ]
        return [urls, Array(urls.reversed())].map { urls in
            let entries = urls.map {
                #"{"request":{"method":"GET","url":"\#($0)","ifNoneMatch":"W/\"\#(positions[0])\""}}"#
            }
            return AttackProbe(
                .post, "", [],
                body:
                    #"{"resourceType":"Bundle","type":"batch","entry":[\#(entries.joined(separator: ","))]}"#)
        }
    }

    /// A reader's token writes nothing: the refusal must not tell what it would have met.
    private var writes: [AttackProbe] {
        let body = #"{"resourceType":"Observation","status":"final"}"#
        return references.prefix(3).flatMap { reference in
            [
                AttackProbe(.put, reference, [("If-Match", "W/\"\(positions[0])\"")], body: body),
                AttackProbe(.put, reference, [("If-Match", "W/\"1\"")], body: body),
                AttackProbe(.delete, reference),
            ]
        } + [
            AttackProbe(
                .post, "Observation", [("If-None-Exist", "identifier=\(AttackSecret.identifier)")], body: body
            ),
            AttackProbe(.put, "Observation?identifier=\(AttackSecret.identifier)", body: body),
        ]
    }

    /// The auditors' door and the consumers': their own sight at every position, what they asked before, and what has changed.
    private var doors: [AttackProbe] {
        let numbers = [AttackRegion.patient] + patients.map { $0.replacing(".", with: ":") }
        let sights = numbers.map { "as=\(user)&patient=\($0)" }
        let points = positions.map { "%23\($0)" } + ["%23HEAD"]
        return sights.flatMap { sight in points.map { AttackProbe(door: "/audit/", "view?\(sight)&at=\($0)") }
        }
            + numbers.flatMap { number in
                [
                    "record?patient=\(number)", "access?patient=\(number)",
                    "access?patient=\(number)&user=\(user)&count=3", "access?user=\(user)&count=500",
                ].map { AttackProbe(door: "/audit/", $0) }
            }
            + (positions + (0..<60).map { positions[positions.count - 1] + 4 + $0 * 7 })
            .map { AttackProbe(door: "/audit/", "access/\($0)") }
            + (["", "?after=0"] + positions.map { "?after=\($0)" }).map { AttackProbe(door: "/feed", $0) }
    }

    private var wrong: [AttackProbe] {
        references.prefix(2).flatMap { reference in
            [
                AttackProbe("\(reference)?nope=1"), AttackProbe("\(reference)/_history?_at=x"),
                AttackProbe("\(reference)/_history/x"), AttackProbe("\(reference)%20"),
                AttackProbe("\(reference)?_format=xml"), AttackProbe("\(reference)?patient=nobody"),
                AttackProbe("\(reference)?patient.identifier=\(AttackRegion.other)"),
            ]
        }
    }
}
