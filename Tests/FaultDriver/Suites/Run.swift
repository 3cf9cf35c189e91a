import Glibc

/// Runs classes of faults and prints what they came to.
struct Run {
    /// The classes, in the order of the table.
    static let suites: [(name: String, run: @Sendable (Bench) throws -> [Figures])] = [
        ("kill", KillSuite.run),
        ("trace", TraceSuite.run),
        ("random", RandomKillSuite.run),
        ("errors", ErrorSuite.run),
        ("stories", StorySuite.run),
        ("damage", DamageSuite.run),
        ("power", PowerSuite.run),
    ]

    private let bench: Bench
    private let only: [String]
    private let isJSON: Bool

    init(_ arguments: Arguments) throws {
        bench = try Bench(arguments)
        only = arguments.text("only")?.split(separator: ",").map(String.init) ?? []
        isJSON = arguments.has("json")
        let known = Run.suites.map(\.name)
        for name in only where !known.contains(name) {
            let names = known.joined(separator: ", ")
            throw Arguments.Mistake(description: "there is no class '\(name)'; there are \(names)")
        }
    }

    /// Returns true if nothing failed.
    func run() throws -> Bool {
        defer { Disk.remove(bench.root) }
        var all: [Figures] = []
        for (name, run) in Run.suites where only.isEmpty || only.contains(name) {
            let started = Child.now
            let figures = try run(bench)
            all += figures
            bench.say("\(name): \(Int(Child.now - started)) s")
            if isJSON { for figures in figures { print(figures.json) } }
            fflush(nil)
        }
        if !isJSON { print(Figures.table(all)) }
        let failures = all.flatMap(\.failures)
        let reported = 200
        for failure in failures.prefix(reported) { bench.say("FAILED \(failure)") }
        if failures.count > reported { bench.say("and \(failures.count - reported) more") }
        return failures.isEmpty
    }
}

/// Where the classes of faults work, and how much they try.
struct Bench: Sendable {
    let root: String
    let seed: UInt64
    let isFull: Bool
    /// About how many cases a class tries; 0 for all.
    let sample: Int
    /// The one kind of log to damage; nil for all.
    let start: String?

    init(_ arguments: Arguments) throws {
        start = arguments.text("start")
        seed = try arguments.seed()
        isFull = arguments.has("full")
        sample = try arguments.number("sample", isFull ? 0 : 40)
        // Memory is fast, and a killed process leaves the same files there as on a disk.
        let usual = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        root = "\(arguments.text("scratch") ?? usual)/daybook-faults-\(getpid())"
        Disk.makeFolder(root)
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func say(_ text: String) {
        let line = Array("faults: \(text)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// The numbers from 1 that are to be tried, when there are so many.
    func chosen(of count: Int, _ salt: UInt64) -> [Int] {
        guard sample > 0, count > sample else { return count > 0 ? Array(1...count) : [] }
        var random = SeededRandom(seed, salt)
        return Set((0..<sample).map { _ in 1 + random.below(count) }).sorted()
    }

    // MARK: Working and checking

    /// How a child's work in a folder went.
    struct Work {
        var ending: Child.Ending
        var lines: [Substring]
        /// The command, to do it again.
        var command: String
        var printed: String

        func count(_ letter: Character) -> Int { lines.count { $0.first == letter } }
        var isDone: Bool { lines.last == "D" }
        /// How many calls the fault was waiting for, and how many it struck.
        var calls: (matched: Int, struck: Int) {
            let words = lines.last { $0.hasPrefix("M ") }?.split(separator: " ") ?? []
            guard words.count == 3 else { return (0, 0) }
            return (Int(words[1]) ?? 0, Int(words[2]) ?? 0)
        }
        var violation: Substring? { lines.first { $0.hasPrefix("X ") } }
    }

    /// Words that start a child of this program.
    func words(_ command: String, _ name: String, _ more: [String]) -> [String] {
        [
            Child.program, command, "--seed", "\(seed)", "--folder", path(name), "--acks",
            path("\(name).acks"),
        ] + more
    }

    /// Lets a child work in a folder until it ends.
    func work(_ name: String, _ more: [String], prefix: [String] = []) throws -> Work {
        let words = prefix + words("work", name, more)
        let acknowledgements = try Acknowledgements(path("\(name).acks"))
        let child = try Child(words, output: path("\(name).out"))
        let ending = child.wait(seconds: 30) { acknowledgements.byteCount }
        return Work(
            ending: ending,
            lines: acknowledgements.lines,
            command: words.dropFirst().joined(separator: " "),
            printed: child.printed
        )
    }

    /// Lets a child compare a folder with what was acknowledged; nil if all is well.
    func check(_ name: String, _ more: [String] = []) throws -> String? {
        let child = try Child(words("check", name, more), output: path("\(name).out"))
        let ending = child.wait(seconds: 60)
        return ending == .exit(0) ? nil : "the check \(ending): \(child.printed)"
    }

    /// How many events a child finds in a folder; nil if it cannot open it.
    func count(_ name: String) throws -> Int? {
        let child = try Child(words("count", name, []), output: path("\(name).out"))
        guard child.wait(seconds: 60) == .exit(0) else { return nil }
        return Int(child.printed)
    }

    /// Removes a folder and its acknowledgements.
    func clear(_ name: String) {
        for path in [path(name), path("\(name).acks"), path("\(name).out")] { Disk.remove(path) }
    }

    /// Copies a folder with its acknowledgements.
    func copy(_ source: String, to target: String) throws {
        clear(target)
        try Disk.copy(path(source), to: path(target))
        try Disk.write(Disk.bytes(of: path("\(source).acks")) ?? [], to: path("\(target).acks"))
    }
}
