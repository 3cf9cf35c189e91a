// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds Daybook builds its benchmarks.
let package = Package(
    name: "daybook-benchmarks",
    dependencies: [.package(name: "daybook", path: "../")],
    targets: [
        .target(name: "Reference", linkerSettings: [.linkedLibrary("lmdb")]),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Reference",
                .product(name: "EventModel", package: "daybook"),
                .product(name: "EventLog", package: "daybook"),
                .product(name: "CEL", package: "daybook"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error)]
        ),
    ]
)
