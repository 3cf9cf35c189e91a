import Testing

/// Who may import whom: the rooms of `docs/ARCHITECTURE.md` as data.
@Suite struct ImportTests {
    static let allowed: [String: Set<String>] = [
        "EventModel": ["Crypto", "CChecksum", "CDigest"],
        "Documents": ["EventModel", "Yams"],
        "CEL": ["EventModel"],
        "JSONSchema": ["EventModel", "CEL"],
        "Records": ["EventModel", "Documents"],
        "Schedules": ["EventModel"],
        "WorkflowEngine": ["EventModel", "Documents", "CEL", "JSONSchema", "Schedules"],
        "Projections": ["EventModel", "Documents", "CEL"],
        "EventLog": ["EventModel", "CLMDB", "CZstd"],
        "HTTPClient": ["CCurl"],
        "Connectors": [
            "EventModel", "Documents", "CEL", "Records", "WorkflowEngine", "Projections",
            "HTTPClient", "CPostgres", "Stencil",
        ],
        "Runtime": [
            "EventModel", "Documents", "CEL", "Records", "Schedules", "WorkflowEngine",
            "Projections", "EventLog", "Crypto", "Logging",
        ],
        "Sandbox": [
            "EventModel", "Documents", "Records", "Hummingbird", "HTTPTypes", "NIOCore",
            "NIOPosix", "Logging",
        ],
        "Server": [
            "EventModel", "EventLog", "Projections", "Schedules", "WorkflowEngine", "Runtime",
            "Documents", "Hummingbird", "HTTPTypes", "NIOCore", "Logging",
        ],
        "daybook": [
            "EventModel", "Documents", "CEL", "JSONSchema", "Records", "Schedules",
            "WorkflowEngine",
            "Projections", "EventLog", "HTTPClient", "Connectors", "Runtime", "Sandbox", "Server",
            "ArgumentParser", "Crypto", "Logging",
        ],
    ]

    /// Modules of the system; forbidden below the purity line.
    static let system: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization",
    ]

    static let pure: Set<String> = [
        "EventModel", "Documents", "CEL", "JSONSchema", "Records", "Schedules", "WorkflowEngine",
        "Projections",
    ]

    /// The one module that may open a C door.
    static let doors = [
        "CLMDB": "EventLog", "CZstd": "EventLog", "CCurl": "HTTPClient",
        "CPostgres": "Connectors", "CChecksum": "EventModel", "CDigest": "EventModel",
    ]

    @Test func everyModuleIsInTheTable() {
        let modules = Set(SourceTree.swiftSources.map(\.module))
        #expect(modules == Set(Self.allowed.keys))
    }

    @Test func modulesImportOnlyWhatTheTableAllows() {
        for file in SourceTree.swiftSources {
            for (number, line) in file.lines.enumerated() {
                guard let name = Self.importedModule(line) else { continue }
                let isPure = Self.pure.contains(file.module)
                let isAllowed =
                    Self.allowed[file.module, default: []].contains(name)
                    || (!isPure && Self.system.contains(name))
                if !isAllowed {
                    Issue.record("\(file.path):\(number + 1): \(file.module) imports \(name)")
                }
                if let owner = Self.doors[name], owner != file.module {
                    Issue.record("\(file.path):\(number + 1): only \(owner) may open \(name)")
                }
            }
        }
    }

    @Test func nothingBelowThePurityLineTouchesTheWorld() {
        let words = [
            "Task {", "Task.detached", "Task.sleep", "ContinuousClock", "SuspendingClock",
            "Date()", ".random(", "SystemRandomNumberGenerator", "Mutex<", "FileManager",
            "ProcessInfo", "print(",
        ]
        for file in SourceTree.swiftSources where Self.pure.contains(file.module) {
            for (number, line) in file.lines.enumerated() {
                let code = line.prefix { $0 != "/" }
                for word in words where code.contains(word) {
                    Issue.record("\(file.path):\(number + 1): '\(word)' below the purity line")
                }
            }
        }
    }

    @Test(arguments: [
        ("import EventModel", "EventModel"), ("public import CEL", "CEL"),
        ("@testable import Runtime", "Runtime"), ("import struct Foundation.URL", "Foundation"),
        ("internal import Yams", "Yams"),
    ])
    func readsImportLines(line: String, module: String) {
        #expect(Self.importedModule(line[...]) == module)
    }

    @Test(arguments: ["// import Foundation", "let import = 1", "important()", ""])
    func passesOverOtherLines(line: String) {
        #expect(Self.importedModule(line[...]) == nil)
    }

    static func importedModule(_ line: Substring) -> String? {
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
        ]
        var words = line.split(separator: " ")
        while let first = words.first,
            first.hasPrefix("@") || ["public", "package", "internal", "private"].contains(first)
        {
            words.removeFirst()
        }
        guard words.count >= 2, words[0] == "import" else { return nil }
        let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
        return name.split(separator: ".").first.map(String.init)
    }
}
