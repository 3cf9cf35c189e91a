import EventModel

/// A disturbance that somebody ordered for the next requests of a kind.
struct Fault {
    /// Nil for any method; `SMTP` for mail, whose path is the command: `MAIL`, `RCPT`, `DATA`.
    var method: String?
    var pathPrefix: String
    var timesLeft: Int
    var delayMilliseconds: Int
    /// Nil lets the request through, delayed.
    var status: Int?
    var body: Value?
    /// True if the request does its work and only the answer is lost.
    var afterCommit: Bool
    var headers: [(String, String)]

    /// Reads an order; throws a sentence that says what is wrong with it.
    init(_ order: Value) throws(FaultOrderError) {
        guard let map = order.mapValue else {
            throw FaultOrderError(message: "a fault must be an object")
        }
        let known: Set = [
            "method", "path_prefix", "times", "delay_milliseconds", "status", "body",
            "after_commit", "headers",
        ]
        if let stranger = map.stringKeys.first(where: { !known.contains($0) }) {
            throw FaultOrderError(
                message: "unknown key '\(stranger)'; there are: "
                    + known.sorted().joined(separator: ", ")
            )
        }
        let named = map["method"]?.stringValue?.uppercased()
        method = named == "*" ? nil : named
        pathPrefix = map["path_prefix"]?.stringValue ?? "/"
        timesLeft = try Fault.integer(map, "times", 1...1_000_000) ?? 1
        delayMilliseconds =
            try Fault.integer(
                map,
                "delay_milliseconds",
                0...SandboxLimits.faultDelayMillisecondsMax
            ) ?? 0
        status = try Fault.integer(map, "status", 200...599)
        body = map["body"]
        afterCommit = map["after_commit"]?.boolValue ?? false
        headers = (map["headers"]?.mapValue ?? [:]).stringKeys.map { name in
            (name, map["headers"]?[name]?.stringValue ?? "")
        }
    }

    func concerns(method: String, path: String) -> Bool {
        timesLeft > 0 && (self.method ?? method) == method && path.hasPrefix(pathPrefix)
    }

    private static func integer(
        _ map: ValueMap,
        _ key: String,
        _ range: ClosedRange<Int>
    ) throws(FaultOrderError) -> Int? {
        guard let value = map[key], !value.isNull else { return nil }
        guard let number = value.intValue, let number = Int(exactly: number),
            range.contains(number)
        else {
            throw FaultOrderError(
                message: "'\(key)' must be a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)"
            )
        }
        return number
    }
}

/// Why a fault was not taken.
struct FaultOrderError: Error {
    var message: String
}
