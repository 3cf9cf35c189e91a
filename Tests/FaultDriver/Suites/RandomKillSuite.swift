import Glibc

/// SIGKILL at random moments, again and again in the same growing log.
enum RandomKillSuite {
    static func run(_ bench: Bench) throws -> [Figures] {
        var figures = Figures("SIGKILL at a random moment, growing log")
        let rounds = bench.isFull ? 500 : min(bench.sample, 15)
        var random = SeededRandom(bench.seed, 31)
        bench.clear("random")
        for round in 1...rounds {
            let acknowledgements = try Acknowledgements(bench.path("random.acks"))
            let before = acknowledgements.byteCount
            let words = bench.words("work", "random", ["--operations", "100000"])
            let child = try Child(words, output: bench.path("random.out"))
            // At the start, or after so many bytes of acknowledgements, or later still.
            let enough = random.below(8) == 0 ? 0 : 1 + random.below(2000)
            let deadline = Child.now + 30
            while acknowledgements.byteCount < before + enough, Child.now < deadline,
                child.poll() == nil
            { usleep(100) }
            usleep(UInt32(random.below(4000)))
            let isAlive = child.poll() == nil
            child.stop()
            let command = "round \(round) of: run --only random --seed \(bench.seed)"
            guard isAlive else {
                figures.add(.failed("\(command): ended by itself: \(child.printed)"))
                continue
            }
            let isThorough = round % 10 == 0 || round == rounds
            let problem = try bench.check("random", isThorough ? [] : ["--light"])
            figures.add(problem.map { .failed("\(command): \($0)") } ?? .survived)
            if problem != nil { break }
        }
        return [figures]
    }
}
