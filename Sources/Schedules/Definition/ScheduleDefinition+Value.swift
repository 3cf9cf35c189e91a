public import EventModel

extension ScheduleDefinition {
    /// The definition as events and JSON carry it; what is as usual is left out.
    public var value: Value {
        var map = ValueMap()
        switch timing {
        case .cron(let expression): map["cron"] = .string(expression.source)
        case .every(let length): map["every"] = .duration(length)
        }
        map["time_zone"] = .string(timeZone)
        map["overlap"] = .string(overlap.rawValue)
        map["catch_up"] = [
            "mode": .string(catchUp.mode.rawValue), "limit": .int(Int64(catchUp.limit)),
            "window": .duration(catchUp.window),
        ]
        map["daylight_saving"] = [
            "skipped": .string(daylightSaving.skipped.rawValue),
            "repeated": .string(daylightSaving.repeated.rawValue),
        ]
        if jitter > .zero { map["jitter"] = .duration(jitter) }
        if let start { map["start"] = .timestamp(start) }
        if let end { map["end"] = .timestamp(end) }
        if isPaused { map["paused"] = true }
        if input != .map(ValueMap()) { map["input"] = input }
        return .map(map)
    }

    /// Reads what ``value`` wrote.
    ///
    /// - Throws: ``ScheduleDataError`` that names the member.
    public init(_ value: Value) throws(ScheduleDataError) {
        let reader = ScheduleReader(value)
        let timing: Timing
        if let length = try reader.optional("every", \.durationValue) {
            timing = .every(length)
        } else {
            let text = try reader.required("cron", \.stringValue)
            do throws(CronError) {
                timing = .cron(try CronExpression(text))
            } catch {
                throw ScheduleDataError(member: "cron", message: error.description)
            }
        }
        self.init(timing, timeZone: try reader.required("time_zone", \.stringValue))
        overlap = try reader.word("overlap", Overlap.self) ?? .skip
        if let inner = try reader.optional("catch_up", { $0.mapValue.map(Value.map) }) {
            let reader = ScheduleReader(inner)
            catchUp = CatchUp(
                try reader.word("mode", CatchUp.Mode.self) ?? .last,
                limit: Int(try reader.required("limit", \.intValue)),
                window: try reader.required("window", \.durationValue)
            )
        }
        if let inner = try reader.optional("daylight_saving", { $0.mapValue.map(Value.map) }) {
            let reader = ScheduleReader(inner)
            daylightSaving = DaylightSaving(
                skipped: try reader.word("skipped", DaylightSaving.Skipped.self) ?? .runAfter,
                repeated: try reader.word("repeated", DaylightSaving.Repeated.self) ?? .first
            )
        }
        jitter = try reader.optional("jitter", \.durationValue) ?? .zero
        start = try reader.optional("start", \.timestampValue)
        end = try reader.optional("end", \.timestampValue)
        isPaused = try reader.optional("paused", \.boolValue) ?? false
        input = value["input"] ?? .map(ValueMap())
    }
}

/// Why a schedule's data cannot be read back.
public struct ScheduleDataError: Error, Sendable, Hashable, CustomStringConvertible {
    public var member: String
    public var message: String

    public var description: String { "member '\(member)': \(message)" }
}

/// Reads members of a map.
struct ScheduleReader {
    private let value: Value

    init(_ value: Value) { self.value = value }

    func optional<Result>(
        _ key: String,
        _ read: (Value) -> Result?
    ) throws(ScheduleDataError) -> Result? {
        guard let member = value[key], !member.isNull else { return nil }
        guard let result = read(member) else {
            throw ScheduleDataError(member: key, message: "cannot be \(member.typeName)")
        }
        return result
    }

    func required<Result>(
        _ key: String,
        _ read: (Value) -> Result?
    ) throws(ScheduleDataError) -> Result {
        guard let result = try optional(key, read) else {
            throw ScheduleDataError(member: key, message: "is missing")
        }
        return result
    }

    func word<Word: RawRepresentable>(
        _ key: String,
        _ type: Word.Type
    ) throws(ScheduleDataError) -> Word? where Word.RawValue == String {
        try optional(key) { $0.stringValue.flatMap(Word.init(rawValue:)) }
    }
}
