public import EventModel

/// What a walk over the whole log has found.
public struct VerifyReport: Sendable, Hashable {
    /// Something that is not as it must be.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The event it was found at; nil if it is about no single event.
        public var position: Position?
        /// What is wrong, with the file, and what to do.
        public var message: String

        public var description: String {
            position.map { "event \($0): \(message)" } ?? message
        }
    }

    /// How many problems are listed at the most.
    public static let problemsMax = 100

    /// How many events were read.
    public internal(set) var eventCount: UInt64 = 0
    /// How many streams they belong to.
    public internal(set) var streamCount = 0
    /// How many bytes their records have.
    public internal(set) var byteCount: UInt64 = 0
    /// How many problems there are, listed or not.
    public internal(set) var problemCount = 0
    /// The first problems.
    public internal(set) var problems: [Problem] = []

    /// True if everything is as it must be.
    public var isGood: Bool { problemCount == 0 }

    mutating func note(_ message: String, at position: UInt64? = nil) {
        problemCount += 1
        guard problems.count < VerifyReport.problemsMax else { return }
        problems.append(Problem(position: position.map { Position($0) }, message: message))
    }
}

/// How far a walk over the log has come.
public struct VerifyProgress: Sendable, Hashable {
    /// The last event that was looked at.
    public var position: Position
    /// Where the walk ends.
    public var head: Position
}
