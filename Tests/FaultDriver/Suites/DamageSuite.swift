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
        let few = ["--operations", "8", "--small"]
        _ = try bench.work("store", few)
        try bench.copy("store", to: "older")
        let kill = start == "killed" ? ["--fault", "\(KillSuite.calls):45:kill"] : []
        _ = try bench.work("store", few + kill)
        _ = try bench.work("foreign", ["--operations", "16", "--small", "--seed", "\(bench.seed + 1)"])
        if let problem = try bench.copied("store", to: "probe", then: { try bench.check("probe") }) {
            throw Arguments.Mistake(description: "the store to damage is not good: \(problem)")
        }
    }

    private static func sweep(
        _ bench: Bench,
        _ kind: DamageKind,
        _ start: String,
        _ figures: inout Figures
    ) throws {
        var next = 0
        var lost = 0
        while true {
            bench.clear("sweep")
            let words =
                bench.words("sweep", "sweep", ["--kind", kind.rawValue, "--first", "\(next)"])
                + ["--store", bench.path("store"), "--older", bench.path("older")]
                + ["--foreign", bench.path("foreign"), "--sample", "\(bench.sample)"]
            let progress = try Acknowledgements(bench.path("sweep.acks"))
            let child = try Child(words, output: bench.path("sweep.out"))
            let ending = child.wait(seconds: 20) { progress.byteCount }
            let unfinished = read(progress.lines, kind, start, &figures)
            guard ending != .exit(0) else { return }
            guard let unfinished else {
                figures.add(.failed("damage \(kind): \(ending): \(child.printed)"))
                return
            }
            figures.add(.failed("\(start) log, \(unfinished.text): \(ending): \(child.printed)"))
            next = unfinished.number + 1
            lost += 1
            guard lost < 200 else {
                figures.add(.failed("\(kind.rawValue): given up after \(lost) deaths"))
                return
            }
        }
    }

    /// Adds up a child's lines; the case that it did not end, if there is one.
    private static func read(
        _ lines: [Substring],
        _ kind: DamageKind,
        _ start: String,
        _ figures: inout Figures
    ) -> (number: Int, text: String)? {
        var current: (number: Int, text: String)?
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 2)
            switch words.first {
            case "B" where words.count == 3:
                current = Int(words[1]).map { ($0, String(words[2])) }
                continue
            case "H": figures.add(.survived)
            case "D": figures.add(.detected)
            case "X":
                let text = words.count == 3 ? words[2] : ""
                figures.add(.failed("\(start) log, \(current?.text ?? ""): \(text)"))
            case _: continue
            }
            current = nil
        }
        return current
    }
}

extension Bench {
    /// Copies a store and looks at the copy.
    func copied<R>(_ source: String, to target: String, then body: () throws -> R) throws -> R {
        try copy(source, to: target)
        return try body()
    }
}
