import Glibc
import Synchronization
import Testing

@testable import EventLog

@Suite struct SharedLockTests {
    /// What the threads of the test have done.
    private final class Progress: Sendable {
        let sharedTurns = Atomic<Int>(0)
        let hadItAlone = Atomic<Bool>(false)
    }

    /// A map that must grow, or a log that closes, cannot wait for a moment without any reader.
    @Test func letsALoneHolderInBetweenOverlappingOnes() async throws {
        let turnsMax = 100_000
        let lock = SharedLock()
        let progress = Progress()
        let ended = (0..<4).map { _ in Latch() }
        for latch in ended {
            try WorkerThread.start("shared") {
                while !progress.hadItAlone.load(ordering: .sequentiallyConsistent) {
                    lock.lockShared()
                    sched_yield()
                    let turn = progress.sharedTurns.add(1, ordering: .sequentiallyConsistent)
                    lock.unlock()
                    if turn.newValue >= turnsMax { break }
                }
                latch.open()
            }
        }
        let turns = try await WorkerThread.run("alone") {
            while progress.sharedTurns.load(ordering: .sequentiallyConsistent) < 100 {
                sched_yield()
            }
            lock.lockAlone()
            let turns = progress.sharedTurns.load(ordering: .sequentiallyConsistent)
            progress.hadItAlone.store(true, ordering: .sequentiallyConsistent)
            lock.unlock()
            return .success(turns)
        }
        for latch in ended { await latch.wait() }
        #expect(turns < turnsMax)
    }
}
