import Glibc

/// Faults that need no counting: limits, a full disk, clocks, other processes.
enum StorySuite {
    private static let alone: [(story: String, name: String)] = [
        ("file-size", "file size limit (EFBIG)"),
        ("address-space", "less address space than the map"),
        ("tiny-map", "a map that grows while others read"),
        ("descriptors", "no file descriptors left"),
        ("clock", "the clock set back"),
    ]

    static func run(_ bench: Bench) throws -> [Figures] {
        var all: [Figures] = []
        for (story, name) in alone {
            var figures = Figures(name)
            bench.clear("story")
            figures.add(try outcome(bench, try tell(bench, story), "story"))
            all.append(figures)
        }
        all.append(try fullDisk(bench))
        all.append(try twoProcesses(bench))
        all.append(try suspendedReader(bench))
        return all
    }

    private static func start(_ bench: Bench, _ story: String, _ more: [String]) throws -> Child {
        let words = bench.words("story", "story", ["--name", story] + more)
        return try Child(words, output: bench.path("\(story).out"))
    }

    private static func tell(_ bench: Bench, _ story: String) throws -> Bench.Work {
        let acknowledgements = try Acknowledgements(bench.path("story.acks"))
        let child = try start(bench, story, [])
        let ending = child.wait(seconds: 40) { acknowledgements.byteCount }
        return Bench.Work(
            ending: ending,
            lines: acknowledgements.lines,
            command: "run --only stories (\(story)) --seed \(bench.seed)",
            printed: child.printed
        )
    }

    private static func outcome(
        _ bench: Bench,
        _ work: Bench.Work,
        _ name: String
    ) throws -> Figures.Outcome {
        guard work.ending == .exit(0), work.isDone else {
            return .failed("\(work.command): \(work.ending): \(work.printed)")
        }
        if let problem = try bench.check(name) { return .failed("\(work.command): \(problem)") }
        return work.count("F") > 0 ? .detected : .survived
    }

    // MARK: Stories with a part for this process

    private static func fullDisk(_ bench: Bench) throws -> Figures {
        var figures = Figures("a disk of 4 MB is full, then has room")
        bench.clear("story")
        let folder = bench.path("story")
        Disk.makeFolder(folder)
        guard mount("daybook-faults", folder, "tmpfs", 0, "size=4m") == 0 else {
            figures.skipped = "no right to mount"
            return figures
        }
        defer { umount2(folder, Int32(MNT_DETACH)) }
        let acknowledgements = try Acknowledgements(bench.path("story.acks"))
        let child = try start(bench, "full-disk", [])
        let deadline = Child.now + 60
        while !acknowledgements.lines.contains("P full"), child.poll() == nil,
            Child.now < deadline
        { usleep(1000) }
        mount("daybook-faults", folder, "tmpfs", UInt(MS_REMOUNT), "size=64m")
        acknowledgements.write("P room")
        let ending = child.wait(seconds: 30) { acknowledgements.byteCount }
        let work = Bench.Work(
            ending: ending,
            lines: acknowledgements.lines,
            command: "run --only stories (full-disk) --seed \(bench.seed)",
            printed: child.printed
        )
        figures.add(try outcome(bench, work, "story"))
        return figures
    }

    /// While one process writes, another is refused as a writer and served as a reader.
    private static func twoProcesses(_ bench: Bench) throws -> Figures {
        var figures = Figures("two processes in one folder")
        bench.clear("story")
        bench.clear("writer")
        let writer = try startWriter(bench)
        defer { writer.stop() }
        let work = try tell(bench, "second-writer")
        let isGood = work.ending == .exit(0) && work.isDone
        figures.add(isGood ? .detected : .failed("\(work.command): \(work.printed)"))
        writer.stop()
        figures.add(try afterWriter(bench))
        return figures
    }

    /// A writer in the folder of the story, with acknowledgements of its own; it has begun.
    private static func startWriter(_ bench: Bench) throws -> Child {
        let acknowledgements = try Acknowledgements(bench.path("writer.acks"))
        let words = [
            Child.program, "work", "--seed", "\(bench.seed)", "--folder", bench.path("story"),
            "--acks", bench.path("writer.acks"), "--operations", "1000000",
        ]
        let writer = try Child(words, output: bench.path("writer.out"))
        try waitFor(acknowledgements, bytes: 2000, writer)
        return writer
    }

    private static func waitFor(
        _ acknowledgements: Acknowledgements,
        bytes: Int,
        _ writer: Child
    ) throws {
        let deadline = Child.now + 30
        while acknowledgements.byteCount < bytes {
            guard writer.poll() == nil, Child.now < deadline else {
                throw Arguments.Mistake(description: "the writer stopped: \(writer.printed)")
            }
            usleep(500)
        }
    }

    private static func afterWriter(_ bench: Bench) throws -> Figures.Outcome {
        try Disk.write(
            Disk.bytes(of: bench.path("writer.acks")) ?? [],
            to: bench.path("story.acks")
        )
        let problem = try bench.check("story")
        return problem.map { .failed("run --only stories: after the writer: \($0)") } ?? .survived
    }

    /// A reader is stopped in the middle of a scan: the file must not grow without end, and must
    /// stop growing faster than events come when the reader is gone.
    private static func suspendedReader(_ bench: Bench) throws -> Figures {
        var figures = Figures("a suspended reader")
        for ending in [SIGCONT, SIGKILL] {
            bench.clear("story")
            bench.clear("writer")
            let writer = try startWriter(bench)
            defer { writer.stop() }
            let acknowledgements = try Acknowledgements(bench.path("writer.acks"))
            let reader = try start(bench, "scan", [])
            defer { reader.stop() }
            let marks = try Acknowledgements(bench.path("story.acks"))
            let deadline = Child.now + 20
            while !marks.lines.contains("P reading"), Child.now < deadline { usleep(500) }
            usleep(20_000)
            reader.send(SIGSTOP)
            let growth = try growth(bench, acknowledgements, writer)
            reader.send(ending)
            let later = try self.growth(bench, acknowledgements, writer)
            let isReading = ending == SIGKILL || reader.poll() == nil
            writer.stop()
            reader.stop()
            let ratio =
                "\(growth.file) bytes for \(growth.lines) and then \(later.file) for "
                + "\(later.lines) of acknowledgements"
            // Copies of pages that nobody reads any more are used again: a few times the bytes.
            let isBounded = growth.file < 400 * growth.lines && later.file < 400 * later.lines
            if !isBounded {
                figures.add(.failed("a stopped reader lets the file grow: \(ratio)"))
            } else if !isReading {
                figures.add(.failed("the reader did not go on: \(reader.printed)"))
            } else {
                figures.add(try afterWriter(bench))
            }
        }
        return figures
    }

    /// How much the file of events and the acknowledgements grow over some time of writing.
    private static func growth(
        _ bench: Bench,
        _ acknowledgements: Acknowledgements,
        _ writer: Child
    ) throws -> (file: Int, lines: Int) {
        let file = bench.path("story") + "/log/data.mdb"
        let before = (Disk.size(of: file), acknowledgements.byteCount)
        try waitFor(acknowledgements, bytes: before.1 + 30_000, writer)
        return (Disk.size(of: file) - before.0, acknowledgements.byteCount - before.1)
    }
}
