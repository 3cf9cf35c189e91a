/// Lets a child go through many cases in one process, and starts another when one dies of a case.
enum SweepRunner {
    /// So many deaths, and the rest is not worth the time.
    private static let deathsMax = 200

    static func run(
        _ bench: Bench,
        _ command: String,
        _ more: [String],
        _ title: String,
        _ figures: inout Figures
    ) throws {
        var next = 0
        for _ in 0..<deathsMax {
            bench.clear("sweep")
            let words = bench.words(command, "sweep", more + ["--first", "\(next)"])
            let progress = try Acknowledgements(bench.path("sweep.acks"))
            let child = try Child(words, output: bench.path("sweep.out"))
            let ending = child.wait(seconds: 20) { progress.byteCount }
            let unfinished = read(progress.lines, title, &figures)
            guard ending != .exit(0) else { return }
            guard let unfinished else {
                figures.add(.failed("\(title): \(ending): \(child.printed)"))
                return
            }
            figures.add(.failed("\(title), \(unfinished.text): \(ending): \(child.printed)"))
            next = unfinished.number + 1
        }
        figures.add(.failed("\(title): given up after \(deathsMax) deaths"))
    }

    /// Adds up a child's lines; the case that it did not end, if there is one.
    private static func read(
        _ lines: [Substring],
        _ title: String,
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
                figures.add(.failed("\(title), \(current?.text ?? ""): \(text)"))
            case _: continue
            }
            current = nil
        }
        return current
    }
}
