import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Testing

@testable import daybook

/// The demo as users run it. It is its own judge; here only its verdict and its log count.
@Suite(.serialized) struct DemoTests {
    @Test func tellsItsWholeStory() async throws {
        let program = try Program()
        let result = try await program.run("demo", "--folder", "story", within: 60)
        #expect(result.status == 0, "\(result.output.suffix(3000))\(result.errors)")
        #expect(result.output.contains("All of it holds."))
        #expect(!result.output.contains("✗"))
        try EventCatalogue.load().check(eventsIn: program.folder.file("story/data"))
    }

    @Test func keepsItsPromisesUnderFire() async throws {
        let program = try Program()
        let result = try await program.run(
            line: "demo --kills 3 --seed 7 --folder story",
            within: 60
        )
        #expect(result.status == 0, "\(result.output.suffix(3000))\(result.errors)")
        #expect(result.output.contains("Checked: 3 kills, 3 instances"))
    }

    @Test func leavesOtherPeoplesFoldersAlone() async throws {
        let program = try Program()
        try program.write("precious", to: "notes.txt")
        let result = try await program.run("demo", "--folder", program.folder.path)
        #expect(result.status == 65)
        #expect(result.errors.contains("is not empty and no earlier demo"))
        #expect(try program.folder.bytes(of: "notes.txt") == Array("precious".utf8))
    }

    // The first outputs for the seeds 0 and 1234567, as the generator's authors publish them.
    @Test(
        arguments: [
            (UInt64(0), [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]),
            (
                1_234_567,
                [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
            ),
        ] as [(UInt64, [UInt64])]
    )
    func randomMomentsComeFromTheSeed(seed: UInt64, expected: [UInt64]) {
        var random = SplitMix64(seed: seed)
        #expect(expected.map { _ in random.next() } == expected)
    }

    @Test func bookingsFallOnTuesdayToThursdayAWeekAhead() {
        let monday = Timestamp(seconds: 1_795_996_800)  // 2026-11-30
        for day in 0..<14 {
            let now = monday + .seconds(day * 86_400 + 3600)
            let bookings = DemoBookings(now: now)
            let day = (bookings.known.startsAt.seconds / 86_400 + 4) % 7
            #expect((2...4).contains(day))
            let ahead = bookings.known.startsAt - now
            #expect(ahead >= .seconds(6 * 86_400) && ahead <= .seconds(12 * 86_400))
            let all = [bookings.known, bookings.unknown, bookings.nobodyFree, bookings.forged]
            #expect(Set(all.map(\.deliveryID)).count == all.count)
        }
    }

    @Test func numberedBookingsNeverShareATime() {
        let now = Timestamp(seconds: 1_795_996_800)
        let bookings = (0..<60).map { DemoBookings.numbered($0, now: now) }
        #expect(Set(bookings.map(\.startsAt)).count == bookings.count)
        #expect(Set(bookings.map(\.deliveryID)).count == bookings.count)
        #expect(Set(bookings.map(\.email)).count == bookings.count)
    }
}
