import EventModel
import Synchronization

/// Identifiers for what has no cause to derive one from.
enum RandomIdentity {
    private static let generator = Mutex(IdentifierGenerator())

    static func next(at now: Timestamp) -> Identifier {
        generator.withLock { generator in
            generator.next(
                at: now,
                randA: .random(in: 0...UInt16.max),
                randB: .random(in: 0...UInt64.max)
            )
        }
    }
}
