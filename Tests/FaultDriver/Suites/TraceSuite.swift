import Glibc

/// SIGKILL by strace at every system call of each kind on each file.
///
/// The kernel's own view: it proves that nothing passes by the functions that ``KillSuite`` stands
/// in front of. strace counts the calls of each thread apart, so every file is swept alone: hardly
/// any is written by two threads.
enum TraceSuite {
    private static let calls = [
        "pwrite64", "pwritev", "write", "writev", "fdatasync", "fsync", "openat", "rename",
        "renameat", "ftruncate", "fallocate", "mmap", "msync", "unlink", "mkdir", "flock",
    ]

    static func run(_ bench: Bench) throws -> [Figures] {
        var figures = Figures("SIGKILL by strace at a system call")
        guard try isThere(bench) else {
            figures.add(.failed("strace cannot be used here; tools/setup installs it"))
            return [figures]
        }
        bench.clear("trace")
        let log = bench.path("trace.log")
        let operations = ["--operations", "14", "--small"]
        let counting = [
            "strace", "-f", "-y", "-qq", "-o", log, "-e", "trace=" + calls.joined(separator: ","),
        ]
        let work = try bench.work("trace", operations, prefix: counting)
        guard work.isDone else {
            figures.add(.failed("\(work.command): \(work.ending): \(work.printed)"))
            return [figures]
        }
        var points = Self.points(in: Disk.bytes(of: log) ?? [], folder: bench.path("trace"))
        if bench.sample > 0, points.count > bench.sample {
            var random = SeededRandom(bench.seed, 51)
            points = (0..<bench.sample).map { _ in points[random.below(points.count)] }
        }
        for point in points {
            bench.clear("trace")
            let inject = "inject=\(point.call):signal=KILL:when=\(point.number)"
            let prefix = [
                "strace", "-f", "-qq", "-o", "/dev/null", "-P", point.path, "-e",
                "trace=\(point.call)", "-e", inject,
            ]
            let work = try bench.work("trace", operations, prefix: prefix)
            figures.add(try outcome(bench, work))
        }
        return [figures]
    }

    private static func isThere(_ bench: Bench) throws -> Bool {
        let words = ["strace", "-o", "/dev/null", "/bin/true"]
        guard let child = try? Child(words, output: bench.path("strace.out")) else { return false }
        return child.wait(seconds: 20) == .exit(0)
    }

    /// strace ends as its child does, or says so by its own code.
    private static func outcome(_ bench: Bench, _ work: Bench.Work) throws -> Figures.Outcome {
        let wasKilled = work.ending == .signal(SIGKILL) || work.ending == .exit(128 + SIGKILL)
        guard wasKilled || (work.isDone && work.violation == nil) else {
            return .failed("\(work.command): \(work.ending): \(work.printed)")
        }
        if let problem = try bench.check("trace") { return .failed("\(work.command): \(problem)") }
        return .survived
    }

    struct Point {
        var call: String
        var path: String
        /// Which of the calls of the thread that makes most of them.
        var number: Int
    }

    /// Every call on every file, from lines such as `12 pwrite64(5</a/b>, "…", 8, 0) = 8`.
    private static func points(in bytes: [UInt8], folder: String) -> [Point] {
        var counts: [String: [Substring: Int]] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let bracket = words[1].firstIndex(of: "(") else { continue }
            let call = words[1][..<bracket].drop { $0 == " " }
            guard let start = line.range(of: folder + "/") else { continue }
            let path = folder + "/" + line[start].prefix { $0 != ">" && $0 != "\"" }
            counts["\(call) \(path)", default: [:]][words[0], default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.flatMap { key, threads in
            let words = key.split(separator: " ").map(String.init)
            return (1...(threads.values.max() ?? 1)).map {
                Point(call: words[0], path: words[1], number: $0)
            }
        }
    }
}

extension Substring {
    /// What follows a text; nil if it is not there.
    fileprivate func range(of text: String) -> Range<Index>? {
        let wanted = Array(text)
        var start = startIndex
        while start < endIndex {
            if self[start...].starts(with: wanted) {
                return index(start, offsetBy: wanted.count)..<endIndex
            }
            start = index(after: start)
        }
        return nil
    }
}
