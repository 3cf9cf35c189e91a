import Connectors
import EventLog
import EventModel
import Foundation
import HTTPClient

/// The demo from beginning to end.
struct DemoStory {
    enum Postgres {
        case none
        case `private`
        case existing(String)
    }

    /// The secret of the demo's booking system; the sandbox and everything in it is invented.
    static let secret =
        "whsec_" + Data("a secret of the demo only, not real".utf8).base64EncodedString()

    let folder: URL
    let postgres: Postgres
    let keepsRunning: Bool
    let client = HTTPClient()
    let clock = ContinuousClock()
    let started: ContinuousClock.Instant
    var checks = Checks()

    init(folder: URL, postgres: Postgres, keepsRunning: Bool) throws(CommandFailure) {
        self.folder = folder
        self.postgres = postgres
        self.keepsRunning = keepsRunning
        started = clock.now
        try Self.prepare(folder)
    }

    var dataFolder: String { folder.appendingPathComponent("data").path }

    /// Tells the story; true if everything it told was checked and true.
    mutating func tell() async throws -> Bool {
        let home = try Installation.home()
        heading(
            "1",
            "A sandbox: a local Notion over the databases, catchers for mail, SMS and Slack"
        )
        let (sandbox, watcher, smtp) = try await startSandbox(home)
        defer { sandbox.killIfRunning() }
        let server = try await startPostgres()
        try writeConfiguration(sandbox: watcher, smtp: smtp, postgres: server.url, home: home)
        do {
            try await tell(home, watcher, postgresURL: server.url)
        } catch {
            await server.private?.stop()
            throw error
        }
        await server.private?.stop()
        await client.shutdown()
        return checks.allHold
    }

    private mutating func tell(
        _ home: URL,
        _ watcher: SandboxWatcher,
        postgresURL: String?
    ) async throws {

        heading("2", "The engine on a fresh log, with the booking workflow deployed")
        var engine = try await startEngine(home)
        defer { engine.process.killIfRunning() }
        Terminal.out("   engine at \(engine.url), log in \(dataFolder)")

        heading("3", "Bookings arrive, signed, at POST /webhooks/workflow/booking_system")
        let bookings = DemoBookings(now: Self.now)
        let desk = BookingDesk(client: client, url: engine.url, secret: Self.secret)
        let known = try await desk.post(bookings.known)
        try await checkDuplicate(bookings, desk, first: known)
        try await checkForgery(bookings, desk)
        let nobody = try await desk.post(bookings.nobodyFree)

        heading("4", "SIGKILL in the middle of the second booking")
        let unknown = try await killDuring(bookings.unknown, engine: &engine, watcher, desk, home)

        let stories = [
            DemoInstance(name: "known client", booking: bookings.known, answer: known),
            DemoInstance(name: "unknown client", booking: bookings.unknown, answer: unknown),
            DemoInstance(name: "nobody free", booking: bookings.nobodyFree, answer: nobody),
        ]
        try await settle(stories, watcher)
        try await editInNotion(bookings, watcher)

        heading("5", "What came of it")
        var report = DemoReport(
            story: self,
            instances: stories,
            watcher: watcher,
            postgresURL: postgresURL
        )
        try await report.tell()
        checks = report.checks
        try await finish(engine.process, report)
        if keepsRunning, checks.allHold { await stay(home, watcher) }
    }

    func heading(_ number: String, _ text: String) {
        let seconds =
            Double((clock.now - started).components.seconds)
            + Double((clock.now - started).components.attoseconds) / 1e18
        let time = Terminal.styled(String(format: "%5.1f s", seconds), .dim)
        Terminal.out("\n\(time)  \(Terminal.styled("\(number). \(text)", .bold))")
    }

    static var now: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    /// Asks again and again, briefly, until something holds; false when `seconds` are over.
    func wait(
        seconds: Double,
        until holds: () async throws -> Bool
    ) async throws -> Bool {
        let deadline = clock.now + .seconds(seconds)
        while clock.now < deadline {
            if try await holds() { return true }
            try await Task.sleep(for: .milliseconds(40))
        }
        return try await holds()
    }

    // A folder that holds anything but an earlier demo is somebody's, and stays as it is.
    private static func prepare(_ folder: URL) throws(CommandFailure) {
        let files = FileManager.default
        let marker = folder.appendingPathComponent(".daybook-demo")
        do {
            if let names = try? files.contentsOfDirectory(atPath: folder.path), !names.isEmpty {
                guard files.fileExists(atPath: marker.path) else {
                    throw CommandFailure(
                        "\(folder.path) is not empty and no earlier demo; name another --folder",
                        ExitStatus.badInput
                    )
                }
                try files.removeItem(at: folder)
            }
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data().write(to: marker)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("cannot use \(folder.path): \(error)", ExitStatus.inputOutput)
        }
    }
}

/// One of the demo's bookings and what the engine answered.
struct DemoInstance {
    let name: String
    let booking: DemoBookings.Booking
    let answer: BookingDesk.Answer

    var id: String { answer.instance }
}
