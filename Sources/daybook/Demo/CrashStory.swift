import EventModel
import Foundation
import HTTPClient

/// The demo's workload under fire: the engine is killed again and again at random moments.
///
/// An oracle outside the engine remembers what was acknowledged; in the end the log must hold all of it,
/// and no step of any instance may have two results there.
struct CrashStory {
    let story: DemoStory
    let killCount: Int
    let seed: UInt64

    /// Runs it; true if every promise held.
    func tell() async throws -> Bool {
        let home = try Installation.home()
        var random = SplitMix64(seed: seed)
        story.heading("1", "\(killCount) kills at random moments, seed \(seed)")
        let (sandbox, watcher, smtp) = try await story.startSandbox(home)
        defer { sandbox.killIfRunning() }
        try story.writeConfiguration(sandbox: watcher, smtp: smtp, postgres: nil, home: home)
        var engine = try await story.startEngine(home)
        defer { engine.process.killIfRunning() }

        var acknowledged: [(booking: DemoBookings.Booking, answer: BookingDesk.Answer)] = []
        for round in 0..<killCount {
            let booking = DemoBookings.numbered(round, now: DemoStory.now)
            let desk = BookingDesk(
                client: story.client,
                url: engine.url,
                secret: DemoStory.secret,
                isQuiet: true
            )
            // The kill may hit the delivery itself; then nothing was promised, and the booking system
            // delivers again.
            let delivery = Task { try await desk.post(booking) }
            // Every other kill comes so early that it may hit the delivery itself.
            let milliseconds = Int(random.next() % (round % 2 == 0 ? 900 : 12))
            try await Task.sleep(for: .milliseconds(milliseconds))
            engine.process.killNow()
            let answer = try? await delivery.value
            engine = try await story.startEngine(home)
            let again = BookingDesk(
                client: story.client,
                url: engine.url,
                secret: DemoStory.secret,
                isQuiet: true
            )
            let repeated = try await again.post(booking)
            if let answer, answer != repeated {
                throw CommandFailure(
                    "\(booking.deliveryID) was promised \(answer), then \(repeated)"
                )
            }
            acknowledged.append((booking, repeated))
            let word = answer == nil ? "before the answer" : "after the answer"
            Terminal.out("   kill \(round + 1) after \(milliseconds) ms, \(word)")
        }
        return try await judge(acknowledged, engine.process)
    }

    private func judge(
        _ acknowledged: [(booking: DemoBookings.Booking, answer: BookingDesk.Answer)],
        _ engine: ChildProcess
    ) async throws -> Bool {
        let instances = acknowledged.map(\.answer.instance)
        let hasSettled = try await story.wait(seconds: 60) {
            try await DemoLog(story.dataFolder).hasSettled(instances)
        }
        var checks = Checks()
        let log = try await DemoLog(story.dataFolder)
        checks.expect(hasSettled, "every instance went on to where it waits or ends")
        let received = try log.all().filter { $0.type == "WebhookReceived" }
        let deliveries = Set(received.compactMap { $0.data["delivery_id"]?.stringValue })
        let lost = acknowledged.filter { !deliveries.contains($0.booking.deliveryID) }
        checks.expectEqual(lost.count, 0, "nothing that was acknowledged is lost")
        checks.expectEqual(received.count, deliveries.count, "no delivery is in the log twice")
        let twice = try log.stepsDoneTwice(instances)
        checks.expect(
            twice.isEmpty,
            "no step has two results in the log",
            twice.joined(separator: ", ")
        )
        for arguments in [["replay", "--all"], ["log", "verify"]] {
            let (status, output) = try DemoReport.run(arguments + ["--data", story.dataFolder])
            let last = output.split(separator: "\n").last.map(String.init) ?? ""
            checks.expect(status == 0, "daybook \(arguments.joined(separator: " "))", last)
        }
        checks.expectEqual(
            await engine.terminate(),
            0,
            "SIGTERM drains the engine, which exits with 0"
        )
        story.heading("2", "Checked: \(killCount) kills, \(instances.count) instances")
        checks.print()
        if !checks.allHold {
            Terminal.out(
                "\n  To run the same again: daybook demo --kills \(killCount) --seed \(seed)"
            )
        }
        return checks.allHold
    }
}

/// A small random generator whose whole state is its seed (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
