import EventModel
import Testing

@testable import Connectors

@Suite struct AvailabilityTests {
    struct Case: CustomStringConvertible, Sendable {
        var description: String
        var from: String
        var to: String
        var isOpen: Bool
    }

    private static let hours: Value = [
        "time_zone": "Europe/Ljubljana",
        "weekly": [
            "mon": [["09:00", "12:00"], ["13:00", "17:00"]],
            "tue": [["09:00", "17:00"]],
            "fri": [["20:00", "24:00"]],
            "sat": [["00:00", "02:00"]],
            "sun": [["01:00", "04:00"]],
        ],
        "exceptions": ["2026-12-08": [], "2026-12-09": [["10:00", "11:00"]]],
    ]

    static let cases: [Case] = [
        Case(
            description: "inside",
            from: "2026-12-07T08:00:00Z",
            to: "2026-12-07T09:00:00Z",
            isOpen: true
        ),
        Case(
            description: "to the end",
            from: "2026-12-07T10:00:00Z",
            to: "2026-12-07T11:00:00Z",
            isOpen: true
        ),
        Case(
            description: "into the break",
            from: "2026-12-07T10:30:00Z",
            to: "2026-12-07T11:30:00Z",
            isOpen: false
        ),
        Case(
            description: "before opening",
            from: "2026-12-07T07:59:00Z",
            to: "2026-12-07T09:00:00Z",
            isOpen: false
        ),
        Case(
            description: "a closed day",
            from: "2026-12-10T10:00:00Z",
            to: "2026-12-10T11:00:00Z",
            isOpen: false
        ),
        Case(
            description: "a holiday",
            from: "2026-12-08T10:00:00Z",
            to: "2026-12-08T11:00:00Z",
            isOpen: false
        ),
        Case(
            description: "an extra day",
            from: "2026-12-09T09:00:00Z",
            to: "2026-12-09T10:00:00Z",
            isOpen: true
        ),
        Case(
            description: "over midnight",
            from: "2026-12-11T22:00:00Z",
            to: "2026-12-12T00:30:00Z",
            isOpen: true
        ),
        Case(
            description: "past midnight's end",
            from: "2026-12-11T22:00:00Z",
            to: "2026-12-12T01:30:00Z",
            isOpen: false
        ),
        Case(
            description: "summer time",
            from: "2026-07-07T07:00:00Z",
            to: "2026-07-07T08:00:00Z",
            isOpen: true
        ),
        Case(
            description: "the night that is an hour longer",
            from: "2026-10-24T23:00:00Z",
            to: "2026-10-25T03:00:00Z",
            isOpen: true
        ),
    ]

    @Test(arguments: cases) func knowsWhenItIsOpen(_ row: Case) throws {
        let availability = try Availability(Self.hours)
        let interval = Interval(
            start: try Timestamp(rfc3339: row.from),
            end: try Timestamp(rfc3339: row.to)
        )
        #expect(availability.isOpen(interval) == row.isOpen)
    }

    static let wrongForms: [(String, String)] = [
        ("null", "must be JSON"),
        (#""weekdays""#, "must be JSON"),
        (#"{"weekly": {}}"#, "time_zone"),
        (#"{"time_zone": "Mars", "weekly": {}}"#, "time_zone"),
        (#"{"time_zone": "UTC", "weekly": {"mond": []}}"#, "did you mean"),
        (#"{"time_zone": "UTC", "weekly": {"mon": "all day"}}"#, "'mon' must be a list"),
        (#"{"time_zone": "UTC", "weekly": {"mon": [["9", "17:00"]]}}"#, "pairs"),
        (#"{"time_zone": "UTC", "weekly": {"mon": [["22:00", "06:00"]]}}"#, "24:00"),
        (#"{"time_zone": "UTC", "weekly": {"mon": [["09:00", "24:30"]]}}"#, "pairs"),
        (#"{"time_zone": "UTC", "exceptions": {"Christmas": []}}"#, "no date"),
        (#"{"time_zone": "UTC", "weeky": {}}"#, "did you mean 'weekly'?"),
    ]

    @Test(arguments: wrongForms)
    func saysWhatIsWrong(form: String, part: String) throws {
        let form = try JSON.parse(form)
        do throws(Availability.FormError) {
            _ = try Availability(form)
            Issue.record("\(form) was taken")
        } catch {
            #expect(error.description.contains(part))
        }
    }
}
