/// A store with something wrong in its files: bytes, ends, pages, whole files.
enum DamageSuite {
    static func run(_ bench: Bench) throws -> [Figures] {
        var all: [Figures] = []
        for start in ["closed", "killed"] {
            try makeStores(bench, start)
            for kind in DamageKind.allCases {
                var figures = Figures("\(names[kind] ?? kind.rawValue), \(start) log")
                try sweep(bench, kind, start, &figures)
                all.append(figures)
            }
        }
        return all
    }

    private static let names: [DamageKind: String] = [
        .flip: "a flipped byte", .truncate: "a file cut short",
        .page: "a page zeroed, noise, or another", .missing: "a file or folder gone",
        .older: "an older file or folder", .foreign: "another log's file or folder",
    ]

    /// A store, the same some operations ago, and one of another seed.
    private static func makeStores(_ bench: Bench, _ start: String) throws {
        for name in ["store", "older", "foreign"] { bench.clear(name) }
        let few = ["--operations", "8", "--small", "--batch", "200"]
        _ = try bench.work("store", few)
        try bench.copy("store", to: "older")
        let kill = start == "killed" ? ["--fault", "\(KillSuite.calls):45:kill"] : []
        _ = try bench.work("store", few + kill)
        _ = try bench.work(
            "foreign",
            ["--operations", "16", "--small", "--seed", "\(bench.seed + 1)"]
        )
        if let problem = try bench.copied("store", to: "probe", then: { try bench.check("probe") })
        {
            throw Arguments.Mistake(description: "the store to damage is not good: \(problem)")
        }
    }

    private static func sweep(
        _ bench: Bench,
        _ kind: DamageKind,
        _ start: String,
        _ figures: inout Figures
    ) throws {
        let more =
            ["--kind", kind.rawValue, "--sample", "\(bench.sample)"]
            + ["--store", bench.path("store"), "--older", bench.path("older")]
            + ["--foreign", bench.path("foreign")]
        try SweepRunner.run(bench, "sweep", more, "\(start) log", &figures)
    }
}

extension Bench {
    /// Copies a store and looks at the copy.
    func copied<R>(_ source: String, to target: String, then body: () throws -> R) throws -> R {
        try copy(source, to: target)
        return try body()
    }
}
