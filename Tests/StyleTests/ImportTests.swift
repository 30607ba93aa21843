import Testing

/// Who may import whom: the directions of docs/ARCHITECTURE.md. The compiler refuses cycles; it does not refuse an import
/// that a target reaches through another, so this reads the lines.
@Suite struct ImportTests {
    /// Every target of Sources, with all it may import beside the system's own modules.
    static let allowed: [String: Set<String>] = [
        "Wire": [],
        "HL7": [],
        "LMDB": ["CLMDB"],
        "Zstd": ["CZstd", "CDictionaries"],
        "LZ4": ["CLZ4"],
        "Gzip": ["CZlib"],
        "Ciphers": ["CCrypto", "Wire"],
        "EventLog": ["LMDB", "Ciphers", "Zstd", "Wire"],
        "CareRecord": ["Wire"],
        "Intake": ["HL7", "CareRecord", "Wire", "Yams"],
        "Projections": ["EventLog", "CareRecord", "Intake", "LMDB", "Ciphers", "Zstd", "LZ4", "Wire"],
        "SyntheticRegion": ["CareRecord", "Wire"],
        "Server": [
            "Projections", "EventLog", "CareRecord", "Intake", "HL7", "SyntheticRegion", "Ciphers", "Wire",
            "Metrics",
        ],
        "Listeners": [
            "Server", "Projections", "EventLog", "CareRecord", "Intake", "HL7", "Wire", "Hummingbird",
            "HummingbirdCore", "HummingbirdTLS", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS", "HTTPTypes",
            "NIOHTTPTypes",
            "Logging", "Metrics", "CoreMetrics", "ServiceLifecycle", "Configuration", "Crypto", "JWTKit",
            "FoundationNetworking", "Gzip",
        ],
        "daybook": [
            "Listeners", "Server", "Projections", "EventLog", "CareRecord", "Intake", "HL7",
            "SyntheticRegion", "Wire", "ArgumentParser", "Logging", "Metrics", "Configuration",
        ],
    ]
    static let system: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Synchronization", "Dispatch",
    ]
    /// A C library has one Swift module that speaks to it.
    static let soleImporter = [
        "CLMDB": "LMDB", "CZstd": "Zstd", "CDictionaries": "Zstd", "CZlib": "Gzip", "CLZ4": "LZ4",
        "CCrypto": "Ciphers",
    ]

    @Test func everyTargetImportsOnlyWhatItsPlaceAllows() {
        for file in SourceTree.sources {
            guard let allowed = Self.allowed[file.target] else {
                Issue.record("\(file): target \(file.target) has no place in the directions")
                continue
            }
            for module in file.imports where !allowed.contains(module) && !Self.system.contains(module) {
                Issue.record("\(file) imports \(module); \(file.target) may import \(allowed.sorted())")
            }
        }
    }

    @Test func aCLibraryHasOneImporter() {
        for file in SourceTree.swift {
            for module in file.imports {
                guard let owner = Self.soleImporter[module] else { continue }
                let ok = file.path.hasPrefix("Sources/\(owner)/") || file.path.hasPrefix("Benchmarks/")
                #expect(ok, "\(file) imports \(module), which only \(owner) may (and benchmarks, as a peer)")
            }
        }
    }

    /// Vocabulary and adapters are bytes in, values out: whoever calls them does the reading and the waiting.
    static let pure = ["CareRecord", "Intake", "HL7", "SyntheticRegion", "Wire"]

    @Test func pureTargetsDoNoInputOrOutput() {
        let words = [
            "FileManager", "FileHandle", "Process(", "URLSession", "fopen(", "contentsOfFile:",
            "Data(contentsOf",
            " print(",
        ]
        for file in SourceTree.sources where Self.pure.contains(file.target) {
            for word in words where file.text.contains(word) {
                Issue.record("\(file) says \(word), but \(file.target) is pure")
            }
        }
    }

    /// The log orders bytes; what they say about anyone is not its business. The one exception is the list of the format's
    /// record classes, which are names for numbers.
    @Test func theLogKnowsNoClinicalWord() {
        let words = [
            "patient", "clinic", "fhir", "hl7", "nhs", "consent", "diagnos", "hospital", "practitioner",
        ]
        for file in SourceTree.sources
        where file.target == "EventLog" && !file.path.hasSuffix("/RecordClass.swift") {
            for (index, line) in file.lines.enumerated() {
                for word in words where line.lowercased().contains(word) {
                    Issue.record("\(file):\(index + 1) says \(word)")
                }
            }
        }
    }

    /// Guards the tests above against finding nothing to check.
    @Test func importsAreRead() {
        let file = SourceTree.File(
            path: "Sources/X/Y.swift",
            text: "@testable import A\nimport struct B.C\npublic import D\n// import E\nimport F.G\n")
        #expect(file.imports == ["A", "B", "D", "F"])
        #expect(Set(SourceTree.sources.map(\.target)).isSuperset(of: Self.allowed.keys))
    }
}
