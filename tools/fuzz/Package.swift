// swift-tools-version: 6.2
import PackageDescription

// libFuzzer targets. They are a package of their own because a plain `swift build` cannot link them: build with
// `tools/fuzz/run NAME`, which adds `--sanitize fuzzer`.
let fuzzer: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]
let core = Target.Dependency.product(name: "DaybookCore", package: "daybook")

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "daybook", path: "../..")],
    targets: [
        .executableTarget(name: "fuzz-json", dependencies: [core], swiftSettings: fuzzer),
        .executableTarget(name: "fuzz-fhir", dependencies: [core], swiftSettings: fuzzer),
        .executableTarget(name: "fuzz-hl7", dependencies: [core], swiftSettings: fuzzer),
        .executableTarget(name: "fuzz-record", dependencies: [core], swiftSettings: fuzzer),
        .executableTarget(name: "fuzz-proof", dependencies: [core], swiftSettings: fuzzer),
        .executableTarget(name: "fuzz-intake", dependencies: [core], swiftSettings: fuzzer),
        .executableTarget(name: "fuzz-policy", dependencies: [core], swiftSettings: fuzzer),
    ],
    swiftLanguageModes: [.v6]
)
