// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target; `FeatureFlags.swift` of each module proves that the names are right.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "daybook",
    products: [
        .executable(name: "daybook", targets: ["daybook"]),
        .library(name: "EventModel", targets: ["EventModel"]),
        .library(name: "EventLog", targets: ["EventLog"]),
        .library(name: "CEL", targets: ["CEL"]),
        .library(name: "WorkflowEngine", targets: ["WorkflowEngine"]),
        .library(name: "Records", targets: ["Records"]),
        .library(name: "Runtime", targets: ["Runtime"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/stencilproject/Stencil", exact: "0.15.1"),
    ],
    targets: [
        // C doors: a module map and the smallest shim; each has exactly one importer.
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // Our own C, where a library's interface costs more than the work.
        .target(name: "CChecksum"),
        .target(name: "CDigest"),

        // Pure: no Foundation, task, clock, randomness, lock, file or socket.
        .target(
            name: "EventModel",
            dependencies: [
                "CChecksum", "CDigest", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Documents",
            dependencies: ["EventModel", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict
        ),
        .target(name: "CEL", dependencies: ["EventModel"], swiftSettings: strict),
        .target(
            name: "JSONSchema",
            dependencies: ["EventModel", "CEL"],
            swiftSettings: strict
        ),
        .target(name: "Records", dependencies: ["EventModel", "Documents"], swiftSettings: strict),
        .target(name: "Schedules", dependencies: ["EventModel"], swiftSettings: strict),
        .target(
            name: "WorkflowEngine",
            dependencies: ["EventModel", "Documents", "CEL", "JSONSchema", "Schedules"],
            swiftSettings: strict
        ),
        .target(
            name: "Projections",
            dependencies: ["EventModel", "Documents", "CEL"],
            swiftSettings: strict
        ),

        // Below here the world begins.
        .target(
            name: "EventLog",
            dependencies: ["EventModel", "CLMDB", "CZstd"],
            swiftSettings: strict
        ),
        .target(
            name: "HTTPClient",
            dependencies: ["CCurl"],
            swiftSettings: strict
        ),
        .target(
            name: "Connectors",
            dependencies: [
                "EventModel", "Documents", "CEL", "Records", "WorkflowEngine", "Projections",
                "HTTPClient", "CPostgres",
                .product(name: "Stencil", package: "Stencil"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Runtime",
            dependencies: [
                "EventModel", "Documents", "CEL", "Records", "Schedules", "WorkflowEngine",
                "Projections", "EventLog",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Sandbox",
            dependencies: [
                "EventModel", "Documents", "Records",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Server",
            dependencies: [
                "EventModel", "EventLog", "Projections", "Schedules", "WorkflowEngine", "Runtime",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "daybook",
            dependencies: [
                "EventModel", "Documents", "CEL", "JSONSchema", "Records", "Schedules",
                "WorkflowEngine", "Projections", "EventLog", "HTTPClient", "Connectors", "Runtime",
                "Sandbox", "Server",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),

        // Tests mirror the sources.
        .target(
            name: "DaybookTestKit",
            dependencies: [
                "EventModel", "Documents", "CEL", "Records", "WorkflowEngine", "Projections",
                "EventLog", "Runtime",
            ],
            path: "Tests/DaybookTestKit",
            swiftSettings: strict
        ),
        .testTarget(
            name: "EventModelTests",
            dependencies: [
                "EventModel", "CDigest", "DaybookTestKit",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DocumentsTests",
            dependencies: ["Documents", "EventModel", "DaybookTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CELTests",
            dependencies: ["CEL", "EventModel", "DaybookTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "JSONSchemaTests",
            dependencies: ["JSONSchema", "EventModel", "DaybookTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RecordsTests",
            dependencies: ["Records", "Documents", "EventModel", "DaybookTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SchedulesTests",
            dependencies: ["Schedules", "Runtime", "EventModel", "DaybookTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WorkflowEngineTests",
            dependencies: [
                "WorkflowEngine", "JSONSchema", "Schedules", "CEL", "Documents", "EventModel",
                "DaybookTestKit",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ProjectionsTests",
            dependencies: ["Projections", "CEL", "Documents", "EventModel", "DaybookTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EventLogTests",
            dependencies: ["EventLog", "EventModel", "DaybookTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPClientTests",
            dependencies: [
                "HTTPClient", .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConnectorsTests",
            dependencies: [
                "Connectors", "HTTPClient", "Records", "Documents", "WorkflowEngine",
                "Projections", "EventModel", "Sandbox", "DaybookTestKit",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RuntimeTests",
            dependencies: [
                "Runtime", "EventLog", "Schedules", "WorkflowEngine", "Projections", "Records",
                "Documents", "CEL", "EventModel", "DaybookTestKit",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "Records", "Documents", "EventModel", "HTTPClient", "DaybookTestKit",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Runtime", "EventLog", "EventModel", "Schedules", "WorkflowEngine",
                "Projections",
                "Records", "Documents", "DaybookTestKit",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DaybookTests",
            dependencies: [
                "daybook", "EventModel", "Documents", "EventLog", "HTTPClient", "Schedules",
                "WorkflowEngine", "Records", "Runtime", "Connectors", "DaybookTestKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "TidyTests", swiftSettings: strict),

        // The fault suite: a program that breaks logs, and what it stands on between it and the C
        // library.
        .target(name: "FaultShim", path: "Tests/FaultShim"),
        .executableTarget(
            name: "FaultDriver",
            dependencies: ["EventLog", "EventModel", "FaultShim"],
            path: "Tests/FaultDriver",
            swiftSettings: strict
        ),
    ]
)
