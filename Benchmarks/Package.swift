// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "daybook-benchmarks",
    dependencies: [.package(name: "daybook", path: "..")],
    targets: [
        .executableTarget(name: "Bench", dependencies: [.product(name: "DaybookCore", package: "daybook")])
    ],
    swiftLanguageModes: [.v6]
)
