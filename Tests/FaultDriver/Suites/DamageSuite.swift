/// A store with something wrong in its files: bytes, ends, pages, whole files.
enum DamageSuite {
    static func run(_ bench: Bench) throws -> [Figures] {
        var all: [Figures] = []
        for start in ["closed", "killed", "filled"] where bench.start ?? start == start {
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
    ///
    /// A closed one, one that was killed early, and one that was killed when its journal held the most
    /// that was acknowledged and that the table did not have.
    private static func makeStores(_ bench: Bench, _ start: String) throws {
        for name in ["store", "older", "foreign"] { bench.clear(name) }
        let few = ["--operations", "5", "--small", "--batch", "200"]
        _ = try bench.work("store", few)
        try bench.copy("store", to: "older")
        switch start {
        case "closed": _ = try bench.work("store", few)
        case "killed": _ = try bench.work("store", few + fault(60))
        case _: try fill(bench, few)
        }
        _ = try bench.work(
            "foreign",
            ["--operations", "16", "--small", "--seed", "\(bench.seed + 1)"]
        )
        if let problem = try bench.copied("store", to: "probe", then: { try bench.check("probe") })
        {
            throw Arguments.Mistake(description: "the store to damage is not good: \(problem)")
        }
    }

    private static func fault(_ number: Int) -> [String] {
        ["--fault", "\(KillSuite.calls):\(number):kill"]
    }

    /// Kills the work at different calls, and keeps the store that would lose the most that was
    /// acknowledged if it lost its journal.
    private static func fill(_ bench: Bench, _ few: [String]) throws {
        var most = 0
        for number in stride(from: 40, through: 160, by: 4) {
            try bench.copy("older", to: "probe")
            guard try bench.work("probe", few + fault(number)).ending == .signal(9) else { break }
            let lines = try Acknowledgements(bench.path("probe.acks")).lines
            let acknowledged = Oracle.acknowledgedCount(lines)
            try bench.copy("probe", to: "bare")
            for name in ["log/journal-0", "log/journal-1", "visible", "head"] {
                Disk.remove(bench.path("bare/\(name)"))
            }
            guard let folded = try bench.count("bare"), acknowledged - folded > most else {
                continue
            }
            most = acknowledged - folded
            try bench.copy("probe", to: "store")
        }
        guard most > 0 else {
            throw Arguments.Mistake(description: "no kill left acknowledged events in the journal")
        }
        bench.say("\(most) acknowledged events are in the journal of the filled log alone")
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
            + ["--foreign", bench.path("foreign"), "--acknowledged", bench.path("store.acks")]
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
