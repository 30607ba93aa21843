// swift-tools-version: 6.2
import PackageDescription

// The core (everything but the command) builds in seconds. `DAYBOOK_CORE=1 swift test --scratch-path .build-core`
// leaves the rest out of the package, so that the edit-test loop of the core never waits for it.
let coreOnly = Context.environment["DAYBOOK_CORE"] != nil

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
]
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let overHTTP: [Target.Dependency] =
    coreOnly ? [] : ["Listeners", .product(name: "HummingbirdTesting", package: "hummingbird")]

var dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
]

var targets: [Target] = [
    // Debian's C libraries, each behind one Swift module that is its only importer.
    .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "LMDB", dependencies: ["CLMDB"], swiftSettings: strict),
    .target(name: "Gzip", dependencies: ["CZlib"], swiftSettings: strict),
    // The zstd dictionaries of the format, as C arrays.
    .target(name: "CDictionaries"),
    .target(name: "Zstd", dependencies: ["CZstd", "CDictionaries"], swiftSettings: strict),
    .target(name: "LZ4", dependencies: ["CLZ4"], swiftSettings: strict),
    .target(name: "Ciphers", dependencies: ["CCrypto", "Wire"], swiftSettings: strict),

    .target(name: "Wire"),
    .target(name: "HL7"),
    .target(name: "EventLog", dependencies: ["LMDB", "Ciphers", "Zstd", "Wire"]),
    .target(name: "CareRecord", dependencies: ["Wire"]),
    .target(name: "Intake", dependencies: ["HL7", "CareRecord", "Wire", yams]),
    .target(
        name: "Projections",
        dependencies: ["EventLog", "CareRecord", "Intake", "LMDB", "Ciphers", "Zstd", "LZ4", "Wire"]),
    .target(name: "SyntheticRegion", dependencies: ["CareRecord", "Wire"]),
    .target(
        name: "Server",
        dependencies: [
            "Projections", "EventLog", "CareRecord", "Intake", "HL7", "SyntheticRegion", "Ciphers", "Wire",
            .product(name: "Metrics", package: "swift-metrics"),
        ]),

    // What every random test draws from.
    .target(name: "Seeded", path: "Tests/Seeded"),
    .testTarget(name: "StyleTests"),
    .testTarget(name: "WireTests", dependencies: ["Wire", "Seeded"]),
    .testTarget(name: "HL7Tests", dependencies: ["HL7", "Seeded"]),
    .testTarget(name: "LMDBTests", dependencies: ["LMDB"]),
    .testTarget(name: "CiphersTests", dependencies: ["Ciphers", "Wire"]),
    .testTarget(name: "LZ4Tests", dependencies: ["LZ4", "Seeded"]),
    .testTarget(name: "ZstdTests", dependencies: ["Zstd", "Ciphers", "Wire"]),
    // A plain model of the log, and random calls on it; what the crash tests kill, and what makes its system calls fail.
    .target(
        name: "LogModel", dependencies: ["EventLog", "Ciphers", "Wire", "Seeded"], path: "Tests/LogModel"),
    .executableTarget(
        name: "log-torture", dependencies: ["LogModel", "EventLog", "Wire", "Seeded"],
        path: "Tests/LogTorture"),
    .target(name: "FaultShim", path: "Tests/FaultShim"),
    .testTarget(
        name: "EventLogTests",
        dependencies: ["log-torture", "LogModel", "EventLog", "LMDB", "Ciphers", "Zstd", "Wire", "Seeded"]),
    .testTarget(name: "CareRecordTests", dependencies: ["CareRecord", "Wire", "Seeded"]),
    .testTarget(
        name: "SyntheticRegionTests",
        dependencies: ["SyntheticRegion", "Intake", "HL7", "CareRecord", "Ciphers", "Wire"]),
    .testTarget(name: "IntakeTests", dependencies: ["Intake", "HL7", "CareRecord", "Wire", "Seeded"]),
    .testTarget(
        name: "ProjectionsTests",
        dependencies: [
            "Projections", "EventLog", "CareRecord", "Intake", "LMDB", "Ciphers", "Zstd", "Wire", "Seeded",
        ]),
    // What the erasure test ends between two steps.
    .executableTarget(
        name: "erase-torture", dependencies: ["Server", "EventLog", "CareRecord"], path: "Tests/EraseTorture"),
    // What an event costs in allocations, and who counts them.
    .executableTarget(
        name: "allocation-count",
        dependencies: ["Server", "EventLog", "CareRecord", "Intake", "Ciphers", "Wire"],
        path: "Tests/AllocationCount"),
    .target(name: "AllocationShim", path: "Tests/AllocationShim"),
    .testTarget(
        name: "ServerTests",
        dependencies: [
            "allocation-count", "erase-torture", "Server", "Projections", "EventLog", "CareRecord", "Intake",
            "SyntheticRegion",
            "Ciphers", "LMDB", "Wire", "Seeded", .product(name: "MetricsTestKit", package: "swift-metrics"),
        ],
        // Stores of older versions, opened by the tests where they are.
        exclude: ["Golden"]),
    // With the listeners, also over HTTP.
    .testTarget(
        name: "OracleTests",
        dependencies: [
            "Server", "Projections", "EventLog", "CareRecord", "Intake", "SyntheticRegion", "Ciphers", "Wire",
            "Seeded",
        ] + overHTTP,
        exclude: coreOnly ? ["HTTP"] : []),
]

if !coreOnly {
    dependencies += [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
    ]
    targets += [
        // HTTP and MLLP: what listens, in front of Server's operations.
        .target(
            name: "Listeners",
            dependencies: [
                "Server", "Projections", "EventLog", "CareRecord", "Intake", "HL7", "Wire", "Gzip",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Configuration", package: "swift-configuration"),
            ]),
        .executableTarget(
            name: "daybook",
            dependencies: [
                "Listeners", "Server", "Projections", "EventLog", "CareRecord", "Intake", "SyntheticRegion",
                "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]),
        // What `mllp/echo` is measured against: the same listener with nothing behind it.
        .executableTarget(
            name: "mllp-echo",
            dependencies: ["Listeners", "Intake", "Wire", .product(name: "Logging", package: "swift-log")],
            path: "Benchmarks/EchoListener"),
        // Runs the built command as a shell would.
        .testTarget(name: "CommandTests", dependencies: ["daybook", "Ciphers", "Wire"]),
        .testTarget(
            name: "ListenersTests",
            dependencies: [
                "Listeners", "Server", "Projections", "EventLog", "CareRecord", "Intake", "Wire", "Gzip",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            exclude: ["Doors/sender.py", "TLS/certificates"]),
    ]
}

let package = Package(
    name: "daybook",
    products: [
        .library(
            name: "DaybookCore",
            targets: ["Server", "Projections", "EventLog", "CareRecord", "Intake", "HL7"]),
        // Preloaded by tests into the process that they trip.
        .library(name: "FaultShim", type: .dynamic, targets: ["FaultShim"]),
        .library(name: "AllocationShim", type: .dynamic, targets: ["AllocationShim"]),
    ],
    dependencies: dependencies,
    targets: targets,
    swiftLanguageModes: [.v6]
)
