import EventModel
import Testing
import WorkflowEngine

@testable import Connectors

@Suite struct BookingActionsTests {
    private static let monday = Timestamp(seconds: 1_796_601_600)  // 2026-12-07T00:00:00Z

    private static func person(_ id: String, _ name: String, _ skills: [String]) -> Value {
        [
            "id": .string(id), "full_name": .string(name),
            "email": .string("\(id)@example.org"),
            "specialization": .list(skills.map { .string($0) }),
            "availability": ["time_zone": "UTC", "weekly": ["mon": [["08:00", "20:00"]]]],
        ]
    }

    private static let finder = MemoryFinder(tables: [
        "contacts_profiles": [
            person("p-ana", "Ana", ["Massage"]), person("p-bor", "Bor", ["massage", "Yoga"]),
            person("p-cene", "Cene", ["Yoga"]),
            ["id": "p-dana", "full_name": "Dana", "specialization": ["Massage"]],
        ],
        "products_services": [
            [
                "id": "s", "name": "Deep tissue massage", "room_requirements": "quiet",
                "equipment_needed": ["table", "stones"],
            ],
            ["id": "r1", "name": "Room 1", "venue_type": "room", "tags": ["quiet"]],
            ["id": "r2", "name": "Room 2", "venue_type": "room", "tags": ["quiet"]],
            [
                "id": "t", "name": "table", "service_type": "equipment", "inventory_count": 2,
            ],
            ["id": "st", "name": "stones", "service_type": "equipment"],
        ],
    ])

    private let assign = BookingAssignPractitioner(finder: finder)
    private let reserve = BookingReserve(finder: finder)
    private let release = BookingRelease()

    private static func times(_ from: Int, _ to: Int, _ more: ValueMap = [:]) -> Value {
        let times: ValueMap = [
            "starts_at": .timestamp(monday + .seconds(from * 3600)),
            "ends_at": .timestamp(monday + .seconds(to * 3600)),
        ]
        return .map(times.merging(more))
    }

    private static func massage(_ from: Int, _ to: Int) -> Value {
        times(from, to, ["specialization": "Massage"])
    }

    private static func service(_ from: Int, _ to: Int) -> Value {
        times(from, to, ["service": "Deep tissue massage"])
    }

    @Test func holdsAPractitionerAndFindsTheHoldAgain() async throws {
        let services = MemoryServices()
        let first = try await assign.perform(request(Self.massage(10, 11)), services: services)
        #expect(first["practitioner_id"] == "p-ana")
        #expect(first["email"] == "p-ana@example.org")
        let again = try await assign.perform(
            request(Self.massage(10, 11), attempt: 2),
            services: services
        )
        #expect(again == first)
        let events = services.streams[BookingEvents.resourceStream("p-ana")] ?? []
        #expect(events.map(\.type) == ["ReservationMade"])
        #expect(events.first?.entity == "the_7_space")
    }

    @Test func goesOnToTheNextAndThenProposesOtherTimes() async throws {
        let services = MemoryServices()
        for (instance, name) in [(1, "p-ana"), (2, "p-bor")] {
            let answer = try await assign.perform(
                request(Self.massage(10, 11), instance: UInt64(instance)),
                services: services
            )
            #expect(answer["practitioner_id"] == .string(name))
        }
        let refused = await failure {
            try await assign.perform(
                request(Self.massage(10, 11), instance: 3),
                services: services
            )
        }
        #expect(refused?.code == "nobody_available")
        #expect(refused?.isRetryable == false)
        let alternatives = refused?.details["alternatives"]?.listValue ?? []
        #expect(alternatives.count == 3)
        #expect(
            alternatives.first?["starts_at"] == .timestamp(Self.monday + .seconds(11 * 3600))
        )
        let reasons = (refused?.details["considered"]?.listValue ?? []).compactMap { $0["reason"] }
        #expect(reasons.count == 3)
        #expect(reasons.contains("booked"))
    }

    @Test func heedsCalendarsAndExclusions() async throws {
        let busy: Value = [
            "p-ana": [["starts_at": "2026-12-07T10:30:00Z", "ends_at": "2026-12-07T12:00:00Z"]]
        ]
        let avoiding = Self.times(10, 11, ["specialization": "massage", "busy": busy])
        let answer = try await assign.perform(request(avoiding), services: MemoryServices())
        #expect(answer["practitioner_id"] == "p-bor")
        let without = Self.times(10, 11, ["specialization": "massage", "exclude": ["p-ana"]])
        let other = try await assign.perform(request(without), services: MemoryServices())
        #expect(other["practitioner_id"] == "p-bor")
    }

    @Test func reservesRoomAndEquipmentTogetherOrNothing() async throws {
        let services = MemoryServices()
        let first = try await reserve.perform(request(Self.service(10, 11)), services: services)
        #expect(first["room"] == "Room 1")
        #expect(first["equipment"]?.listValue?.compactMap { $0["name"] } == ["table", "stones"])
        let before = services.streams
        // Room 2 and a table are free, the only stones are not.
        let refused = await failure {
            try await reserve.perform(
                request(Self.service(10, 11), instance: 2),
                services: services
            )
        }
        #expect(refused?.code == "resource_conflict")
        let missing = refused?.details["missing"]?.listValue ?? []
        #expect(missing.compactMap { $0["need"] } == ["stones"])
        #expect(services.streams == before)
    }

    @Test func givesBackWhatTheInstanceHoldsAndHoldsAnew() async throws {
        let services = MemoryServices()
        _ = try await assign.perform(
            request(Self.massage(10, 11), step: "who"),
            services: services
        )
        let room = try await reserve.perform(
            request(Self.service(10, 11), step: "where"),
            services: services
        )
        let released = try await release.perform(request([:], step: "undo"), services: services)
        #expect(released["released"] == 4)
        let repeated = try await release.perform(
            request([:], step: "undo", attempt: 2),
            services: services
        )
        #expect(repeated["released"] == 0)
        // After a release the same step must get a hold that stands, not its old answer.
        let anew = try await reserve.perform(
            request(Self.service(10, 11), step: "where", attempt: 2),
            services: services
        )
        #expect(anew["room"] == "Room 1")
        #expect(anew["reservation_id"] != room["reservation_id"])
        let book = ReservationBook(services.streams[BookingEvents.resourceStream("r1")] ?? [])
        #expect(book.standing.count == 1)
    }

    @Test func givesBackOnlyWhatIsNamed() async throws {
        let services = MemoryServices()
        _ = try await reserve.perform(request(Self.service(10, 11)), services: services)
        let released = try await release.perform(
            request(["resource_ids": ["r1"]], step: "undo"),
            services: services
        )
        #expect(released["released"] == 1)
        let book = ReservationBook(services.streams[BookingEvents.resourceStream("st")] ?? [])
        #expect(book.standing.count == 1)
    }

    static let wrongInputs: [(String, String)] = [
        (#"{"specialization": "Massage"}"#, "starts_at"),
        (#"{"starts_at": "soon", "ends_at": "later"}"#, "starts_at"),
        (#"{"starts_at": "2026-12-07T10:00:00Z", "ends_at": "2026-12-07T10:00:00Z"}"#, "ends_at"),
        (
            #"{"starts_at": "2026-12-07T10:00:00Z", "ends_at": "2026-12-07T11:00:00Z", "#
                + #""people": [{}]}"#,
            "people"
        ),
    ]

    @Test(arguments: wrongInputs)
    func namesTheFieldThatIsWrong(input: String, field: String) async throws {
        let input = try JSON.parse(input)
        let refused = await failure {
            try await assign.perform(request(input), services: MemoryServices())
        }
        #expect(refused?.code == "invalid_input")
        #expect(refused?.details["field"] == .string(field))
    }

    @Test func suggestsTheServiceThatWasMeant() async {
        let refused = await failure {
            try await reserve.perform(
                request(Self.times(10, 11, ["service": "Deep tisue massage"])),
                services: MemoryServices()
            )
        }
        #expect(refused?.message.contains("did you mean 'Deep tissue massage'?") == true)
    }

    /// Many instances at once, with repeats and releases between: whatever the order, no resource
    /// is ever reserved twice for one time, and no step holds two things.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func neverReservesAResourceTwice(seed: UInt64) async {
        let services = MemoryServices()
        var numbers = SeededNumbers(seed)
        var plan: [(instance: UInt64, start: Int, isUndone: Bool)] = []
        for instance in 0..<60 {
            let start = Int.random(in: 8...17, using: &numbers)
            plan.append((UInt64(instance % 45), start, Int.random(in: 0..<4, using: &numbers) == 0))
        }
        await withTaskGroup(of: Void.self) { group in
            for item in plan {
                let (assign, reserve, release) = (assign, reserve, release)
                group.addTask {
                    let who = request(
                        Self.massage(item.start, item.start + 2),
                        instance: item.instance,
                        step: "who"
                    )
                    _ = try? await assign.perform(who, services: services)
                    let room = request(
                        Self.service(item.start, item.start + 2),
                        instance: item.instance,
                        step: "where"
                    )
                    _ = try? await reserve.perform(room, services: services)
                    guard item.isUndone else { return }
                    let undo = request([:], instance: item.instance, step: "undo")
                    _ = try? await release.perform(undo, services: services)
                }
            }
        }
        var heldByResources: Set<String> = []
        for (stream, events) in services.streams where stream.category == "reservation" {
            let standing = ReservationBook(events).standing
            heldByResources.formUnion(standing.map(\.id))
            let units = stream.identifier == "t" ? 2 : 1
            let worst = standing.map { one in
                standing.count {
                    $0.interval.start <= one.interval.start && one.interval.start < $0.interval.end
                }
            }.max()
            if worst ?? 0 > units {
                Issue.record("\(stream) is reserved \(worst ?? 0) times at once; seed \(seed)")
            }
        }
        var heldByInstances: Set<String> = []
        for (stream, events) in services.streams where stream.category == "booking" {
            let book = HolderBook(events)
            heldByInstances.formUnion(book.standing.map(\.id))
            if book.held(by: "who").count > 1 {
                Issue.record("\(stream) holds two practitioners; seed \(seed)")
            }
        }
        #expect(!heldByResources.isEmpty)
        #expect(heldByResources == heldByInstances)
    }
}
