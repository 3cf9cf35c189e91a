// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "daybook-benchmarks",
    dependencies: [.package(name: "daybook", path: "../")],
    targets: [
        // The reference: what a C program without index, checks or Swift does with the same bytes.
        .target(name: "LMDBReference", linkerSettings: [.linkedLibrary("lmdb")]),
        .executableTarget(
            name: "DaybookBenchmarks",
            dependencies: [
                "LMDBReference",
                .product(name: "EventLog", package: "daybook"),
                .product(name: "EventModel", package: "daybook"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
    ]
)
