/// SIGKILL at every call of a workload that changes files, before it and in the middle of it.
enum KillSuite {
    static let calls =
        "pwrite,pwritev,write,writev,fdatasync,fsync,open,rename,ftruncate,fallocate,mmap,msync,"
        + "unlink,mkdir,flock"

    static func run(_ bench: Bench) throws -> [Figures] {
        var all: [Figures] = []
        for action in ["kill", "tear"] {
            for start in ["new", "killed"] {
                let words = action == "kill" ? "before" : "in the middle of"
                var figures = Figures("SIGKILL \(words) the n-th call, \(start) log")
                try sweep(bench, action, start, &figures)
                all.append(figures)
            }
        }
        return all
    }

    private static func sweep(
        _ bench: Bench,
        _ action: String,
        _ start: String,
        _ figures: inout Figures
    ) throws {
        let base = "base-\(start)"
        bench.clear(base)
        if start == "killed" {
            let fault = "\(calls):75:kill"
            _ = try bench.work(base, ["--operations", "40", "--fault", fault])
        }
        let operations = ["--operations", "25", "--breath", "6"]
        func attempt(_ number: Int) throws -> Bench.Work {
            start == "new" ? bench.clear("kill") : try bench.copy(base, to: "kill")
            return try bench.work("kill", operations + ["--fault", "\(calls):\(number):\(action)"])
        }
        let undisturbed = try attempt(1_000_000_000)
        guard undisturbed.isDone else {
            figures.add(.failed("undisturbed: \(undisturbed.command): \(undisturbed.printed)"))
            return
        }
        // A little beyond, since threads do not always make the same number of calls.
        let count = undisturbed.calls.matched
        var numbers = bench.chosen(of: count, action == "kill" ? 21 : 22)
        if bench.sample == 0 { numbers += Array(count + 1...count + count / 10 + 1) }
        for number in numbers {
            let work = try attempt(number)
            if work.isDone, number > count { break }
            figures.add(try outcome(bench, work))
        }
    }

    private static func outcome(_ bench: Bench, _ work: Bench.Work) throws -> Figures.Outcome {
        guard work.ending == .signal(9) || (work.isDone && work.violation == nil) else {
            return .failed("\(work.command): \(work.ending): \(work.violation ?? "")")
        }
        if let problem = try bench.check("kill") { return .failed("\(work.command): \(problem)") }
        return .survived
    }
}
