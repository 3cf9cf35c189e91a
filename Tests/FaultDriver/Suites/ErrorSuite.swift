/// Calls that fail or do half of what they were asked for, once or until the fault ends.
enum ErrorSuite {
    private static let writing = "pwrite,pwritev,write,writev"
    private static let changing =
        writing + ",fdatasync,fsync,open,rename,ftruncate,fallocate,msync,mkdir"

    private static let faults: [(name: String, calls: String, action: String)] = [
        ("EIO", changing + ",unlink,read,pread,flock", "error:EIO"),
        ("ENOSPC", changing, "error:ENOSPC"),
        ("short write", writing, "short"),
        ("EMFILE", "open", "error:EMFILE"),
        ("ENOMEM", "mmap", "error:ENOMEM"),
    ]

    static func run(_ bench: Bench) throws -> [Figures] {
        var all: [Figures] = []
        for (name, calls, action) in faults {
            for lasting in ["", ":lasting"] {
                let words = lasting.isEmpty ? "once" : "lasting"
                var figures = Figures("\(name) at the n-th call, \(words)")
                for start in ["new", "killed"] {
                    try sweep(bench, calls, action + lasting, start, &figures)
                }
                all.append(figures)
            }
        }
        return all
    }

    private static func sweep(
        _ bench: Bench,
        _ calls: String,
        _ action: String,
        _ start: String,
        _ figures: inout Figures
    ) throws {
        let base = "base-\(start)"
        bench.clear(base)
        if start == "killed" {
            let fault = "\(KillSuite.calls):75:kill"
            _ = try bench.work(base, ["--operations", "40", "--fault", fault])
        }
        func attempt(_ number: Int) throws -> Bench.Work {
            start == "new" ? bench.clear("error") : try bench.copy(base, to: "error")
            let fault = "\(calls):\(number):\(action)"
            return try bench.work(
                "error",
                ["--operations", "25", "--breath", "6", "--fault", fault]
            )
        }
        let count = try attempt(1_000_000_000).calls.matched
        for number in bench.chosen(of: count, 41) {
            figures.add(try outcome(bench, try attempt(number)))
        }
    }

    private static func outcome(_ bench: Bench, _ work: Bench.Work) throws -> Figures.Outcome {
        guard work.ending == .exit(0), work.isDone, work.violation == nil else {
            let reason = work.violation ?? work.lines.last { $0.hasPrefix("F ") } ?? ""
            return .failed("\(work.command): \(work.ending): \(reason) \(work.printed)")
        }
        if let problem = try bench.check("error") { return .failed("\(work.command): \(problem)") }
        return work.count("F") > 0 ? .detected : .survived
    }
}
