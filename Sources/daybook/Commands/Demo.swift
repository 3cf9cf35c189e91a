import ArgumentParser
import Foundation

/// `daybook demo`: the main job on embedded defaults, told as it happens and checked at the end.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Let three bookings go all the way round on this machine, and check the result.",
        discussion: """
            Starts a sandbox (a local Notion with catchers for mail, SMS and Slack) and an engine on a \
            fresh log, posts signed bookings, kills the engine in the middle, and shows what came of it. \
            Needs no account and touches nothing but loopback and its own folder. Exit code 0 only if \
            everything it tells was checked and true.

            EXAMPLES:
              daybook demo
              daybook demo --postgres           also project to a private PostgreSQL
              daybook demo --keep               stay up afterwards, to look around
              daybook demo --folder demo-data   keep the data for the other commands
              daybook demo --kills 20 --seed 7  the same workload under fire
            """
    )

    @Flag(help: "Start a private PostgreSQL and project there too.")
    var postgres = false
    @Option(
        name: .customLong("postgres-url"),
        help: ArgumentHelp("Project to this PostgreSQL too.", valueName: "url")
    )
    var postgresAddress: String?
    @Flag(help: "Stay up at the end until Ctrl-C.")
    var keep = false
    @Option(
        help: ArgumentHelp(
            "Where the demo's files go; an existing demo there is replaced.",
            valueName: "folder"
        )
    )
    var folder: String = NSTemporaryDirectory() + "daybook-demo"

    @Option(
        help: ArgumentHelp(
            "Instead of the story: kill the engine this often at random moments, and check.",
            valueName: "count"
        )
    )
    var kills: Int?
    @Option(help: "The seed of the random moments.")
    var seed: UInt64 = 1

    func validate() throws {
        if postgres, postgresAddress != nil {
            throw ValidationError("give --postgres or --postgres-url, not both")
        }
        if let kills, !(1...1000).contains(kills) {
            throw ValidationError("--kills must be 1 to 1000")
        }
    }

    func run() async throws {
        var story = try DemoStory(
            folder: URL(fileURLWithPath: folder),
            postgres: postgres
                ? .private : postgresAddress.map(DemoStory.Postgres.existing) ?? .none,
            keepsRunning: keep
        )
        let holds: Bool
        if let kills {
            holds = try await CrashStory(story: story, killCount: kills, seed: seed).tell()
        } else {
            holds = try await story.tell()
        }
        guard holds else { throw ExitStatus.checkFailed }
    }
}
