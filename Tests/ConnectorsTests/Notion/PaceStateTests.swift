import EventModel
import Testing

@testable import Connectors

@Suite struct PaceStateTests {
    private let start = Timestamp(seconds: 1_796_000_000)

    private func ticket(
        _ number: UInt64,
        _ priority: NotionPriority = .action,
        at instant: Timestamp,
        key: String? = nil
    ) -> PaceState.Ticket {
        PaceState.Ticket(
            number: number,
            priority: priority,
            due: instant + priority.patience,
            notBefore: instant,
            key: key,
            holdsKey: false
        )
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func neverExceedsTheBudgetInAnyMinute(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let budget = Int.random(in: 1...30, using: &numbers)
        var pace = PaceState(requestsPerMinute: budget, inFlightMax: 1000)
        var now = start
        var left: [Timestamp] = []
        for number in 0..<400 {
            now = now + .milliseconds(Int64.random(in: 0...2000, using: &numbers))
            let priority = NotionPriority.allCases.randomElement(using: &numbers) ?? .poll
            pace.enqueue(ticket(UInt64(number), priority, at: now))
            left += pace.admit(at: now).numbers.map { _ in now }
        }
        var wakes = 0
        while pace.waitingCount > 0, wakes < 10_000 {
            let admission = pace.admit(at: now)
            left += admission.numbers.map { _ in now }
            if let wake = admission.wake { now = max(now, wake) }
            wakes += 1
        }
        #expect(pace.waitingCount == 0)
        #expect(left.count == 400)
        let worst = left.indices.map { first in
            left[first...].prefix { $0 < left[first] + .seconds(60) }.count
        }.max()
        #expect(worst ?? 0 <= budget)
    }

    @Test func servesActionsBeforeSinksBeforePolls() {
        var pace = PaceState(requestsPerMinute: 100, inFlightMax: 1)
        var now = start
        for (number, priority) in [(1, NotionPriority.poll), (2, .sink), (3, .action)] {
            pace.enqueue(ticket(UInt64(number), priority, at: now))
        }
        var order: [UInt64] = []
        for _ in 0..<3 {
            order += pace.admit(at: now).numbers
            pace.answered()
            now = now + .seconds(1)
        }
        #expect(order == [3, 2, 1])
    }

    @Test func letsNobodyStarve() {
        var pace = PaceState(requestsPerMinute: 1000, inFlightMax: 1)
        var now = start
        pace.enqueue(ticket(0, .poll, at: now))
        var servedAfter: Int?
        for number in 1...200 {
            // One action a second comes, and one request a second leaves.
            pace.enqueue(ticket(UInt64(number), .action, at: now))
            let admitted = pace.admit(at: now).numbers
            if admitted.contains(0) { servedAfter = number }
            if !admitted.isEmpty { pace.answered() }
            now = now + .seconds(1)
            if servedAfter != nil { break }
        }
        // With a queue that never empties the poll would wait; here it must leave at the latest
        // when its patience is over.
        #expect(servedAfter ?? .max <= 62)
    }

    @Test func keepsAPartOfTheBudgetForActions() {
        var pace = PaceState(requestsPerMinute: 20, inFlightMax: 1000)
        for number in 0..<40 { pace.enqueue(ticket(UInt64(number), .poll, at: start)) }
        let polls = pace.admit(at: start).numbers
        #expect(polls.count == 15)
        pace.enqueue(ticket(100, .action, at: start))
        let left = pace.admit(at: start).numbers
        #expect(left == [100])
    }

    @Test func serialisesWritesOfOnePage() {
        var pace = PaceState(requestsPerMinute: 100, inFlightMax: 10)
        for number in 1...3 { pace.enqueue(ticket(UInt64(number), at: start, key: "page")) }
        pace.enqueue(ticket(4, at: start, key: "other"))
        let seen2 = pace.admit(at: start).numbers
        #expect(seen2 == [1, 4])
        pace.answered()
        let seen3 = pace.admit(at: start).numbers
        #expect(seen3.isEmpty)
        pace.release("page")
        let seen4 = pace.admit(at: start).numbers
        #expect(seen4 == [2])
    }

    @Test func aRepeatKeepsItsPage() {
        var pace = PaceState(requestsPerMinute: 100, inFlightMax: 10)
        pace.enqueue(ticket(1, at: start, key: "page"))
        pace.enqueue(ticket(2, at: start, key: "page"))
        let seen5 = pace.admit(at: start).numbers
        #expect(seen5 == [1])
        pace.answered()
        var again = ticket(3, at: start, key: "page")
        again.holdsKey = true
        again.notBefore = start + .seconds(5)
        pace.enqueue(again)
        let admission = pace.admit(at: start)
        #expect(admission.numbers.isEmpty)
        #expect(admission.wake == start + .seconds(5))
        let seen6 = pace.admit(at: start + .seconds(5)).numbers
        #expect(seen6 == [3])
    }

    @Test func blocksEverybody() {
        var pace = PaceState(requestsPerMinute: 100, inFlightMax: 10)
        pace.enqueue(ticket(1, at: start))
        pace.block(until: start + .seconds(30))
        let seen7 = pace.admit(at: start + .seconds(29)).numbers
        #expect(seen7.isEmpty)
        let seen8 = pace.admit(at: start + .seconds(29)).wake
        #expect(seen8 == start + .seconds(30))
        let seen9 = pace.admit(at: start + .seconds(30)).numbers
        #expect(seen9 == [1])
    }

    @Test func forgetsWhoWithdraws() {
        var pace = PaceState(requestsPerMinute: 100, inFlightMax: 10)
        pace.enqueue(ticket(1, at: start))
        let withdrawals = (pace.withdraw(1), pace.withdraw(1))
        #expect(withdrawals == (true, false))
        let seen10 = pace.admit(at: start).numbers
        #expect(seen10.isEmpty)
    }
}
