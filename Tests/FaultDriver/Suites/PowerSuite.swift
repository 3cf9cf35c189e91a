/// The power fails: what was not synced may be there, in part, or not at all.
///
/// A workload is recorded call by call, and after every call the disk is put together as a power
/// failure may leave it.
enum PowerSuite {
    static func run(_ bench: Bench) throws -> [Figures] {
        var figures = Figures("power failure after the n-th call")
        bench.clear("power")
        let recording = bench.path("power.recording")
        let words = ["--operations", "24", "--small", "--breath", "5", "--record", recording]
        let work = try bench.work("power", words)
        guard work.isDone, work.violation == nil else {
            figures.add(.failed("\(work.command): \(work.ending): \(work.printed)"))
            return [figures]
        }
        let more = ["--recording", recording, "--sample", "\(bench.sample)"]
        try SweepRunner.run(bench, "power", more, "seed \(bench.seed)", &figures)
        return [figures]
    }
}
