import Documents
import EventModel

/// What the products and services say about bookings: services, rooms and equipment.
///
/// All three are rows of `products_services`, told apart by fields:
///
/// - a *service* is found by its name or its `product_id`; `room_requirements` names the kind of
///   room it needs and `equipment_needed` the kinds of equipment, each needed once;
/// - a *room* is a row with a `venue_type`. It serves a requirement if its name, its `venue_type`,
///   its own `room_requirements` or one of its `venue_requirements` or tags is the required word;
/// - a piece of *equipment* is a row whose `service_type` is `equipment`. It serves a need if its
///   name or one of its `equipment_needed` or tags is the needed word; `inventory_count` says how
///   many there are.
///
/// Words are compared without regard to case. Rows that are Inactive, Discontinued, Out of Stock or
/// Coming Soon cannot be booked.
struct ServiceCatalogue: Sendable {
    /// Something that can be reserved.
    struct Resource: Sendable, Hashable {
        var id: String
        var name: String
        /// How many of it there are.
        var units: Int
        var words: Set<String>
    }

    struct Service: Sendable, Hashable {
        var id: String
        var name: String
        var room: String?
        var equipment: [String]
    }

    private static let closedStatuses: Set<String> = [
        "inactive", "discontinued", "out of stock", "coming soon",
    ]

    private(set) var services: [String: Service] = [:]
    private(set) var rooms: [Resource] = []
    private(set) var equipment: [Resource] = []
    private var serviceNames: [String] = []

    /// - Parameter rows: the table's rows as `{id, …fields}`.
    init(_ rows: [Value]) {
        for row in rows {
            guard let id = row["id"]?.stringValue, let name = row["name"]?.stringValue else {
                continue
            }
            let status = row["status"]?.stringValue?.lowercased() ?? ""
            guard !ServiceCatalogue.closedStatuses.contains(status) else { continue }
            if let venue = row["venue_type"]?.stringValue {
                let words =
                    [name, venue] + ServiceCatalogue.texts(row, "room_requirements")
                    + ServiceCatalogue.texts(row, "venue_requirements")
                    + ServiceCatalogue.texts(row, "tags")
                rooms.append(Resource(id: id, name: name, units: 1, words: lowered(words)))
            } else if row["service_type"]?.stringValue?.lowercased() == "equipment" {
                let words =
                    [name] + ServiceCatalogue.texts(row, "equipment_needed")
                    + ServiceCatalogue.texts(row, "tags")
                let units = row["inventory_count"]?.intValue.map { Int(clamping: $0) } ?? 1
                equipment.append(
                    Resource(id: id, name: name, units: units, words: lowered(words))
                )
            } else {
                add(
                    Service(
                        id: id,
                        name: name,
                        room: row["room_requirements"]?.stringValue,
                        equipment: ServiceCatalogue.texts(row, "equipment_needed")
                    ),
                    number: row["product_id"]?.stringValue
                )
            }
        }
        rooms.sort { ($0.name, $0.id) < ($1.name, $1.id) }
        equipment.sort { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The service of a name, number or row id.
    func service(_ name: String) -> Service? { services[name.lowercased()] }

    /// What a caller could have meant by a name that is none.
    func remedy(for name: String) -> String { Suggestion.remedy(for: name, among: serviceNames) }

    /// The rooms that a service can use, by name.
    func rooms(for service: Service) -> [Resource] {
        guard let need = service.room?.lowercased() else { return rooms }
        return rooms.filter { $0.words.contains(need) }
    }

    /// The pieces of equipment that serve a need, by name.
    func equipment(for need: String) -> [Resource] {
        equipment.filter { $0.words.contains(need.lowercased()) }
    }

    private mutating func add(_ service: Service, number: String?) {
        serviceNames.append(service.name)
        for key in [service.name, service.id, number].compactMap(\.self) {
            // The first row of a name keeps it: rows come in the order of their creation.
            if services[key.lowercased()] == nil { services[key.lowercased()] = service }
        }
    }

    private static func texts(_ row: Value, _ key: String) -> [String] {
        guard let value = row[key] else { return [] }
        return (value.listValue ?? [value]).compactMap(\.stringValue)
    }

    private func lowered(_ words: [String]) -> Set<String> { Set(words.map { $0.lowercased() }) }
}
