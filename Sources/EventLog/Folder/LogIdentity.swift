import EventModel

/// What a log says about itself in its `meta` table.
struct LogIdentity: Sendable, Hashable {
    /// The version of the layout of tables, keys and journal; 1 had no journal.
    static let format = 2
    /// Positions are native integers, so a file does not move between byte orders.
    static let byteOrder = UInt16(1).littleEndian == 1 ? "little" : "big"

    /// Made at random with the log; the index and the head file carry it too.
    let id: String
    /// The format that the file has so far.
    var foundFormat = LogIdentity.format

    /// The identity as a number of 128 bits, as it stands in frames.
    struct Number: Sendable, Hashable {
        var high: UInt64
        var low: UInt64
    }

    /// The identity as a number; 0 if it is not one of those that this program makes.
    var number: Number {
        guard id.utf8.count == 32, let high = UInt64(id.prefix(16), radix: 16),
            let low = UInt64(id.suffix(16), radix: 16)
        else { return Number(high: 0, low: 0) }
        return Number(high: high, low: low)
    }

    /// A new log's identity.
    static func random() -> LogIdentity {
        var generator = SystemRandomNumberGenerator()
        let halves = [generator.next() as UInt64, generator.next() as UInt64]
        let digits = halves.map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return LogIdentity(id: digits.joined())
    }

    /// Whether a text could be a log's identity: 32 lower-case hexadecimal digits.
    static func isIdentity(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    /// The table's entries.
    var entries: [(key: String, value: String)] {
        [
            ("format", String(LogIdentity.format)),
            ("byte_order", LogIdentity.byteOrder),
            ("log", id),
        ]
    }

    /// Reads the entries; nil if none of them is there.
    static func read(
        _ value: (String) throws(EventLogError) -> String?,
        file: String
    ) throws(EventLogError) -> LogIdentity? {
        guard let format = try value("format") else {
            guard try value("log") == nil else {
                throw EventLogError(.corrupt, "\(file) has lost its format mark")
            }
            return nil
        }
        guard let number = Int(format), number >= 1 else {
            throw EventLogError(.corrupt, "\(file) has the format mark '\(format)', no number")
        }
        guard number <= LogIdentity.format else {
            throw EventLogError(
                .newerFormat,
                "\(file) has format \(number), this version reads \(LogIdentity.format); "
                    + "use the version that wrote it"
            )
        }
        guard let order = try value("byte_order"), order == LogIdentity.byteOrder else {
            throw EventLogError(
                .newerFormat,
                "\(file) was written on a machine of another byte order; export it there"
            )
        }
        guard let id = try value("log"), !id.isEmpty else {
            throw EventLogError(.corrupt, "\(file) has lost its identity")
        }
        return LogIdentity(id: id, foundFormat: number)
    }
}
