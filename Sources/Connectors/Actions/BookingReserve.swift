public import EventModel
public import WorkflowEngine

/// `booking.reserve`: a room and the equipment that a service needs.
public struct BookingReserve: ActionHandler {
    private static let triesMax = 8
    private static let rowsMax = 1000

    private let finder: any RecordFinding
    private let database: String

    /// - Parameters:
    ///   - finder: where services, rooms and equipment are found.
    ///   - database: the key of the products and services.
    public init(finder: any RecordFinding, database: String = "products_services") {
        self.finder = finder
        self.database = database
    }

    public let descriptor = ActionDescriptor(
        name: "booking.reserve",
        aliases: ["reserve_room_and_equipment"],
        summary: "Reserves a room and the equipment that a service needs.",
        discussion: """
            The service's Room Requirements and Equipment Needed say what it takes; rooms are rows \
            with a Venue Type, equipment are rows of the Service Type `equipment`. Everything is \
            reserved in one append, or nothing is, and no resource can be reserved twice for one \
            time. If something is taken the step fails with `resource_conflict` and says what by \
            `missing` in its details.
            """,
        inputs: [
            ActionField("service", .string, required: true, "name, number or id of the service"),
            ActionField("starts_at", .timestamp, required: true, "the beginning"),
            ActionField("ends_at", .timestamp, required: true, "the end"),
            ActionField("purpose", .string, "what it is for, for those who read the log"),
        ],
        outputs: [
            ActionField("reservation_id", .string, required: true, "that of the room"),
            ActionField("room_id", .string, required: true, "the room's id"),
            ActionField("room", .string, required: true, "the room's name"),
            ActionField("equipment", .list, required: true, "each {id, name}"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let interval = try input.interval()
        let name = try input.text("service")
        let rows = try await finder.records(
            in: database,
            where: ValueMap(),
            limit: BookingReserve.rowsMax
        )
        let catalogue = ServiceCatalogue(rows)
        let ledger = BookingLedger(request: request, services: services)
        for _ in 1...BookingReserve.triesMax {
            let holderBook = try await ledger.holderBook()
            let held = holderBook.held(by: request.step)
            if !held.isEmpty { return answer(held, rows) }
            guard let service = catalogue.service(name) else {
                throw ActionInput.invalid(
                    "service",
                    "'\(name)' is no bookable row of \(database)",
                    remedy: catalogue.remedy(for: name)
                )
            }
            let wishes = try await wishes(service, catalogue, interval, ledger)
            do throws(ActionFailure) {
                let reserved = try await ledger.hold(
                    wishes,
                    for: interval,
                    purpose: try input.optionalText("purpose") ?? service.name,
                    holderBook: holderBook
                )
                return answer(reserved, rows)
            } catch {
                // Somebody was faster: look again and choose anew.
                guard error.code == "conflict" else { throw error }
            }
        }
        throw BookingConflict.exhausted
    }

    /// The room and the pieces of equipment that are free.
    private func wishes(
        _ service: ServiceCatalogue.Service,
        _ catalogue: ServiceCatalogue,
        _ interval: Interval,
        _ ledger: BookingLedger
    ) async throws(ActionFailure) -> [BookingLedger.Wish] {
        var needs = [(kind: "room", word: service.room, from: catalogue.rooms(for: service))]
        for need in service.equipment {
            needs.append((kind: "equipment", word: need, from: catalogue.equipment(for: need)))
        }
        var wishes: [BookingLedger.Wish] = []
        var missing: [Value] = []
        for need in needs {
            var taken: [Value] = []
            var found: BookingLedger.Wish?
            for resource in need.from where found == nil {
                // One piece serves one need, even if it would fit two.
                guard !wishes.contains(where: { $0.resource == resource.id }) else { continue }
                let book = try await ledger.book(of: resource.id)
                if book.isFree(interval, units: resource.units) {
                    found = BookingLedger.Wish(resource: resource.id, kind: need.kind, book: book)
                } else {
                    taken += book.overlapping(interval).map { conflict($0, resource.name) }
                }
            }
            if let found {
                wishes.append(found)
            } else {
                missing.append([
                    "kind": .string(need.kind),
                    "need": need.word.map { .string($0) } ?? .null,
                    "known": .int(Int64(need.from.count)),
                    "taken_by": .list(taken),
                ])
            }
        }
        guard missing.isEmpty else { throw failure(service, missing, interval) }
        return wishes
    }

    private func conflict(_ reservation: Reservation, _ name: String) -> Value {
        [
            "resource_id": .string(reservation.resource),
            "resource": .string(name),
            "holder": .string(reservation.holder),
            "starts_at": .timestamp(reservation.interval.start),
            "ends_at": .timestamp(reservation.interval.end),
        ]
    }

    private func failure(
        _ service: ServiceCatalogue.Service,
        _ missing: [Value],
        _ interval: Interval
    ) -> ActionFailure {
        let words = missing.map { need -> String in
            let kind = need["kind"]?.stringValue ?? ""
            let word = need["need"]?.stringValue.map { " '\($0)'" } ?? ""
            let isUnknown = need["known"]?.intValue == 0
            return "\(kind)\(word) " + (isUnknown ? "is nowhere in \(database)" : "is taken")
        }
        return ActionFailure(
            code: "resource_conflict",
            message: "\(service.name) at \(interval.start.rfc3339): "
                + words.joined(separator: ", "),
            isRetryable: false,
            details: [
                "missing": .list(missing),
                "starts_at": .timestamp(interval.start),
                "ends_at": .timestamp(interval.end),
            ]
        )
    }

    private func answer(_ reservations: [Reservation], _ rows: [Value]) -> Value {
        func name(_ id: String) -> Value {
            rows.first { $0["id"] == .string(id) }?["name"] ?? .string(id)
        }
        let room = reservations.first { $0.kind == "room" }
        let equipment = reservations.filter { $0.kind == "equipment" }.map { item -> Value in
            ["id": .string(item.resource), "name": name(item.resource)]
        }
        return [
            "reservation_id": room.map { .string($0.id) } ?? .null,
            "room_id": room.map { .string($0.resource) } ?? .null,
            "room": room.map { name($0.resource) } ?? .null,
            "equipment": .list(equipment),
        ]
    }
}
