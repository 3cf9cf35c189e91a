import DaybookTestKit
import EventModel
import Glibc
import Synchronization
import Testing

@testable import EventLog

@Suite struct StandbyTests {
    private let folder: TemporaryFolder
    private let small = SegmentOptions(eventsMax: 10)
    private var standby: Standby { Standby(folder: folder.file("b")) }

    init() throws { folder = try TemporaryFolder("standby") }

    @Test func followsRoundByRound() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        for round in 0..<3 {
            let first = round * 100
            try await log.append(first..<first + 25, to: SampleEvents.stream("s\(round)"))
            _ = try await log.writeSegments(to: folder.file("s"), options: small)
            let report = try await standby.apply(from: folder.file("s"))
            let head = UInt64(25 * (round + 1))
            #expect(report.head.value == head)
            #expect(report.position.value == head / 10 * 10)
            #expect(report.lag == head % 10)
            let idle = try await standby.apply(from: folder.file("s"))
            #expect(idle.appliedCount == 0 && idle.position == report.position)
        }
        let own = try KeepSamples.records(of: log, through: 70)
        await log.close()
        #expect(try KeepSamples.records(in: folder.file("b")) == own)
    }

    @Test func isProtectedUntilItIsPromoted() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<20, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        await log.close()
        _ = try await standby.apply(from: folder.file("s"))
        #expect(Standby.isStandby(folder.file("b")))
        let refused = failure { try EventLog.open(at: folder.file("b")) }
        #expect(refused?.code == .standby)
        #expect(refused?.message.contains("daybook standby promote") == true)
        #expect(try await standby.promote() == 20)
        let promoted = try EventLog.open(at: folder.file("b"))
        let stream = SampleEvents.stream("ana")
        try await promoted.append(20..<21, to: stream, expected: .exact(19))
        let report = try await promoted.verify()
        #expect(report.isGood, "\(report.problems)")
        await promoted.close()
        let later = await asyncFailure { try await standby.apply(from: folder.file("s")) }
        #expect(later?.code == .exists)
        #expect(await asyncFailure { try await standby.promote() }?.code == .invalid)
    }

    @Test func refusesWhatDoesNotConnect() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<10, to: SampleEvents.stream("ana"))
        _ = try await log.backUp(to: folder.file("early"))
        try await log.append(10..<20, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        await log.close()
        _ = try await standby.apply(from: folder.file("s"))
        // Another history of the same log: it went on from a backup.
        _ = try await EventLog.restore(folder.file("early"), to: folder.file("c"))
        let back = try EventLog.open(at: folder.file("c"))
        try await back.append(50..<70, to: SampleEvents.stream("ana"))
        _ = try await back.writeSegments(to: folder.file("s2"), options: small)
        _ = try await back.writeSegments(
            to: folder.file("s3"),
            options: SegmentOptions(eventsMax: 15)
        )
        await back.close()
        let forked = await asyncFailure { try await standby.apply(from: folder.file("s2")) }
        #expect(forked?.message.contains("another history") == true, "\(forked?.message ?? "")")
        let between = await asyncFailure { try await standby.apply(from: folder.file("s3")) }
        #expect(between?.message.contains("no segment of") == true, "\(between?.message ?? "")")
        let other = try EventLog.open(at: folder.file("d"))
        try await other.append(0..<30, to: SampleEvents.stream("ana"))
        _ = try await other.writeSegments(to: folder.file("s4"), options: small)
        await other.close()
        let foreign = await asyncFailure { try await standby.apply(from: folder.file("s4")) }
        #expect(foreign?.message.contains("follows log") == true)
        let itself = Standby(folder: folder.file("d"))
        let taken = await asyncFailure { try await itself.apply(from: folder.file("s")) }
        #expect(taken?.code == .exists)
        #expect(try KeepSamples.records(in: folder.file("b")).count == 20)
    }

    @Test func appliesWhatIsGoodBeforeWhatIsDamaged() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<30, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        await log.close()
        let names = try Files.names(in: folder.file("s")).filter { $0.hasPrefix("segment") }
        let good = try folder.bytes(of: "s/\(names[2])")
        var damaged = good
        damaged[damaged.count / 2] ^= 1
        try folder.write(damaged, to: "s/\(names[2])")
        let error = await asyncFailure { try await standby.apply(from: folder.file("s")) }
        #expect(error?.code == .corrupt && error?.message.contains(names[2]) == true)
        #expect(try KeepSamples.records(in: folder.file("b")).count == 20)
        try folder.write(good, to: "s/\(names[2])")
        #expect(try await standby.apply(from: folder.file("s")).appliedCount == 10)
    }

    @Test func waitsForWhatIsOnItsWay() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<30, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        await log.close()
        let names = try Files.names(in: folder.file("s")).filter { $0.hasPrefix("segment") }
        try folder.copy("s/\(names[1])", to: "later")
        try folder.remove("s/\(names[1])")
        let told = Mutex<[String]>([])
        let looks = Mutex(0)
        let folder = folder
        try await standby.follow(
            folder.file("s"),
            wait: {
                let look = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                if look == 1 { try? folder.copy("later", to: "s/\(names[1])") }
                return look < 3
            },
            report: { result in
                let text =
                    switch result {
                    case .success(let report): "\(report.position)"
                    case .failure(let error): error.code.rawValue
                    }
                told.withLock { $0.append(text) }
            }
        )
        #expect(told.withLock { $0 } == ["missing", "30", "30"])
    }

    /// A child is killed after it has applied some segments; whatever it left is gone on from.
    @Test func goesOnAfterAKill() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<500, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        let own = try KeepSamples.records(of: log, through: 500)
        await log.close()
        let path = folder.path
        for killAt in [1, 7, 20] {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, killAt = killAt as Int] in
                let standby = Standby(folder: path + "/b")
                // The mark is written after each segment.
                try WorkerThread.start("killer") {
                    let mark = path + "/b/standby"
                    var seen: Set<String> = []
                    while seen.count < killAt {
                        if let identity = try? Files.identity(of: mark) { seen.insert(identity) }
                    }
                    kill(getpid(), SIGKILL)
                }
                _ = try await standby.apply(from: path + "/s")
                // Small as it is, it may be over before the killer has seen enough.
                kill(getpid(), SIGKILL)
            }
        }
        let report = try await standby.apply(from: folder.file("s"))
        #expect(report.position == 500)
        #expect(try KeepSamples.records(in: folder.file("b")) == own)
    }

    /// As a kill between the table and the mark leaves it: the mark is older.
    @Test func markMayBeOlderThanTheTable() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<20, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        _ = try await standby.apply(from: folder.file("s"))
        try folder.copy("b/standby", to: "old")
        try await log.append(20..<40, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        await log.close()
        _ = try await standby.apply(from: folder.file("s"))
        try folder.copy("old", to: "b/standby")
        #expect(try await standby.apply(from: folder.file("s")).position == 40)
    }
}
