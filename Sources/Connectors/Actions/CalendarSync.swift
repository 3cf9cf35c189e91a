public import EventModel
import Foundation
public import HTTPClient
public import WorkflowEngine

/// `calendar.sync`: reads when people are busy from their calendar feeds.
public struct CalendarSync: ActionHandler {
    /// A person whose calendar is wanted.
    private struct Person {
        var id: String
        var name: String
        var url: String?
        var zone: TimeZone
        /// What is handed on about them.
        var value: Value
    }

    /// What became of one feed.
    private enum Reading: Sendable {
        case busy([Interval])
        case unreachable(String)
    }

    private static let peopleMax = 200
    private static let fetchesAtOnce = 4
    private static let feedBytesMax = 8 << 20
    private static let feedTimeout = Duration.seconds(20)
    private static let windowDefault = Duration.seconds(90 * 86_400)
    /// An event that began before the window may reach into it.
    private static let lookBack = Duration.seconds(86_400)

    private let finder: any RecordFinding
    private let transport: any HTTPTransport

    /// - Parameters:
    ///   - finder: where people are found if the step names a database.
    ///   - transport: by which feeds are fetched.
    public init(finder: any RecordFinding, transport: any HTTPTransport) {
        self.finder = finder
        self.transport = transport
    }

    public let descriptor = ActionDescriptor(
        name: "calendar.sync",
        aliases: ["sync_with_external_calendar"],
        summary: "Reads from iCalendar feeds when people are busy.",
        discussion: """
            A person's feed is their `calendar_url`, or the `calendar_url` inside their \
            `availability`. People without a feed are not busy. Free and cancelled entries do not \
            count. A feed that cannot be had or understood puts the person on the list \
            `unreachable`; with `on_error: fail` the step fails instead.
            """,
        inputs: [
            ActionField("people", .list, "each {id, name, calendar_url}"),
            ActionField("database", .string, "key of a database of people, instead of `people`"),
            ActionField("where", .map, "which of them: field key to value"),
            ActionField("from", .timestamp, "from when on; now if not given"),
            ActionField("until", .timestamp, "until when; 90 days later if not given"),
            ActionField("on_error", .string, choices: ["fail", "ignore"], "ignore if not given"),
        ],
        outputs: [
            ActionField("busy", .map, required: true, "person id to a list of intervals"),
            ActionField("people", .list, required: true, "the people"),
            ActionField("unreachable", .list, required: true, "each {id, name, reason}"),
            ActionField("synced_at", .timestamp, required: true, "when the feeds were read"),
        ],
        effect: .none
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let failsOnError = try input.choice("on_error", of: ["fail", "ignore"]) == "fail"
        let now = services.now
        let from = try input.optionalTimestamp("from") ?? now - CalendarSync.lookBack
        let until = try input.optionalTimestamp("until") ?? from + CalendarSync.windowDefault
        guard from < until else {
            throw ActionInput.invalid(
                "until",
                "is not after 'from'",
                remedy: "give a later instant"
            )
        }
        let people = try await people(input)
        let readings = await readings(people, within: Interval(start: from, end: until))
        var busy = ValueMap()
        var unreachable: [Value] = []
        for (person, reading) in zip(people, readings) {
            switch reading {
            case .busy(let intervals):
                busy[person.id] = .list(intervals.map(\.value))
            case .unreachable(let reason):
                busy[person.id] = .list([])
                unreachable.append([
                    "id": .string(person.id),
                    "name": .string(person.name),
                    "reason": .string(reason),
                ])
            }
        }
        guard unreachable.isEmpty || !failsOnError else {
            let names = unreachable.compactMap { $0["name"]?.stringValue }
            throw ActionFailure(
                code: "unavailable",
                message: "the calendars of \(names.joined(separator: ", ")) cannot be read",
                isRetryable: true,
                details: ["unreachable": .list(unreachable)]
            )
        }
        return [
            "busy": .map(busy),
            "people": .list(people.map(\.value)),
            "unreachable": .list(unreachable),
            "synced_at": .timestamp(now),
        ]
    }

    private func people(_ input: ActionInput) async throws(ActionFailure) -> [Person] {
        let values: [Value]
        if let given = try input.optionalList("people") {
            values = given
        } else if let database = try input.optionalText("database") {
            values = try await finder.records(
                in: database,
                where: try input.optionalMap("where") ?? ValueMap(),
                limit: CalendarSync.peopleMax
            )
        } else {
            throw ActionInput.invalid("people", "is missing", remedy: "give people or a database")
        }
        var people: [Person] = []
        for value in values {
            guard let person = CalendarSync.person(value) else {
                throw ActionInput.invalid(
                    "people",
                    "holds somebody without an id",
                    remedy: "give a list of {id, name, calendar_url}"
                )
            }
            people.append(person)
        }
        return people
    }

    private static func person(_ value: Value) -> Person? {
        guard let id = value["id"]?.stringValue, !id.isEmpty else { return nil }
        let name = (value["name"] ?? value["full_name"])?.stringValue ?? id
        let availability = value["availability"] ?? .null
        let url = value["calendar_url"]?.stringValue ?? availability["calendar_url"]?.stringValue
        let zone = availability["time_zone"]?.stringValue ?? value["timezone"]?.stringValue
        var kept: ValueMap = ["id": .string(id), "name": .string(name)]
        for key in ["email", "specialization", "availability"] {
            if let member = value[key] { kept[key] = member }
        }
        return Person(
            id: id,
            name: name,
            url: url,
            zone: zone.flatMap { TimeZone(identifier: $0) } ?? .gmt,
            value: .map(kept)
        )
    }

    /// One reading a person, in their order; a few feeds are fetched at once.
    private func readings(_ people: [Person], within window: Interval) async -> [Reading] {
        await withTaskGroup(of: (Int, Reading).self) { group in
            var readings = [Reading](repeating: .busy([]), count: people.count)
            var next = 0
            func add() {
                guard next < people.count else { return }
                let index = next
                let (url, zone) = (people[index].url, people[index].zone)
                next += 1
                group.addTask { (index, await read(url, zone, window)) }
            }
            for _ in 0..<CalendarSync.fetchesAtOnce { add() }
            for await (index, reading) in group {
                readings[index] = reading
                add()
            }
            return readings
        }
    }

    private func read(_ url: String?, _ zone: TimeZone, _ window: Interval) async -> Reading {
        guard let url, !url.isEmpty else { return .busy([]) }
        let request = HTTPRequest(
            url: url.hasPrefix("webcal://") ? "https://" + url.dropFirst(9) : url,
            headers: [HTTPHeader("Accept", "text/calendar, */*")],
            timeout: CalendarSync.feedTimeout,
            responseBytesMax: CalendarSync.feedBytesMax
        )
        do {
            let response = try await transport.send(request)
            guard response.status == 200 else {
                return .unreachable("the feed answered with HTTP \(response.status)")
            }
            return .busy(try CalendarReader.busy(response.body, within: window, zone: zone))
        } catch let error as CalendarError {
            return .unreachable("the feed cannot be read: \(error)")
        } catch let error as HTTPClientError {
            return .unreachable(error.message)
        } catch {
            return .unreachable("\(error)")
        }
    }
}
