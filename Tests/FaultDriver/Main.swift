import EventLog
import Glibc

/// The fault suite's program: it works in a log, checks one, damages one, and runs all of it.
@main
struct FaultDriver {
    static func main() async {
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        let words = CommandLine.arguments.dropFirst()
        do {
            let arguments = try Arguments(words.dropFirst())
            switch words.first {
            case "work": try await Worker(arguments).run()
            case "check":
                let problems = try await Checker(arguments).run()
                for problem in problems { print(problem) }
                if !problems.isEmpty { exit(1) }
            case "count":
                let folder = try arguments.required("folder")
                let log = try EventLog.open(
                    at: folder,
                    configuration: try Worker.configuration(arguments)
                )
                print(log.head)
                await log.close()
            case "story": try await Story(arguments).run(try arguments.required("name"))
            case "sweep": try await Sweep(arguments).run()
            case "power": try await PowerSweep(arguments).run()
            case "run": exit(try Run(arguments).run() ? 0 : 1)
            case _:
                print("say work, check, sweep or run")
                exit(2)
            }
        } catch {
            print(error)
            exit(3)
        }
    }
}
