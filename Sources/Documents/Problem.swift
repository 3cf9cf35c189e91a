/// Where something stands in a document: file, line and column, both from 1.
public struct Place: Sendable, Hashable, CustomStringConvertible {
    public var file: String
    public var line: Int
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }
}

/// One mistake in a document: where, what, and what to do about it.
public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    public var place: Place
    public var message: String
    /// What the author can do; empty if the message says it all.
    public var remedy: String

    public init(at place: Place, _ message: String, remedy: String = "") {
        self.place = place
        self.message = message
        self.remedy = remedy
    }

    public var description: String {
        remedy.isEmpty ? "\(place): \(message)" : "\(place): \(message); \(remedy)"
    }
}

/// All mistakes of a document at once, in the order of their places.
public struct Problems: Error, Sendable, Hashable, CustomStringConvertible {
    public var list: [Problem]

    public init(_ list: [Problem]) {
        self.list = list.sorted {
            ($0.place.file, $0.place.line, $0.place.column)
                < ($1.place.file, $1.place.line, $1.place.column)
        }
    }

    public var description: String { list.map(\.description).joined(separator: "\n") }
}
