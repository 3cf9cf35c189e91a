// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds Daybook builds its benchmarks.
let package = Package(
    name: "daybook-benchmarks",
    dependencies: [
        .package(name: "daybook", path: "../"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        .target(name: "Reference", linkerSettings: [.linkedLibrary("lmdb")]),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Reference",
                .product(name: "EventModel", package: "daybook"),
                .product(name: "EventLog", package: "daybook"),
                .product(name: "CEL", package: "daybook"),
                .product(name: "Records", package: "daybook"),
                .product(name: "Runtime", package: "daybook"),
                .product(name: "WorkflowEngine", package: "daybook"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error)]
        ),
    ]
)
