import EventModel

extension DemonstrationOrganisation {
    /// A service that is booked with a practitioner.
    private struct Session {
        var key: String
        var name: String
        var kind: Value
        var specialization: Value
        var room: Value
        var equipment: [Value]
        var minutes: Int64
        var price: Int64
    }

    private static let sessions = [
        Session(
            key: "deep-tissue",
            name: "Deep tissue massage",
            kind: "Therapy",
            specialization: "massage",
            room: "treatment_room",
            equipment: ["Massage Table"],
            minutes: 60,
            price: 80
        ),
        Session(
            key: "reiki",
            name: "Reiki session",
            kind: "Therapy",
            specialization: "reiki",
            room: "treatment_room",
            equipment: ["Massage Table"],
            minutes: 60,
            price: 65
        ),
        Session(
            key: "yoga",
            name: "Yoga class",
            kind: "Yoga",
            specialization: "yoga",
            room: "studio",
            equipment: ["Yoga Mat"],
            minutes: 75,
            price: 18
        ),
        Session(
            key: "sound-healing",
            name: "Sound healing journey",
            kind: "Meditation",
            specialization: "sound healing",
            room: "studio",
            equipment: ["Singing Bowls"],
            minutes: 90,
            price: 45
        ),
        Session(
            key: "craniosacral",
            name: "Craniosacral therapy",
            kind: "Therapy",
            specialization: "craniosacral therapy",
            room: "treatment_room",
            equipment: ["Massage Table"],
            minutes: 50,
            price: 70
        ),
    ]

    func offers() -> [SeedRow] { sessions() + rooms() + equipment() + others() }

    private func offer(
        _ key: String,
        _ name: String,
        _ type: Value,
        daysOld: Int,
        entity entityKey: String = "the_7_space",
        price: Int64 = 0,
        _ fields: ValueMap
    ) -> SeedRow {
        let common: ValueMap = [
            "name": .string(name), "type": type, "price": .int(price), "currency": "EUR",
            "status": "Active", "business_entity": entity(entityKey),
            "integration_system": "Manual",
        ]
        return row("products_services", key, daysOld: daysOld, common.merging(fields))
    }

    private func sessions() -> [SeedRow] {
        DemonstrationOrganisation.sessions.enumerated().map { index, session in
            offer(
                session.key,
                session.name,
                "Service",
                daysOld: 260 - index,
                price: session.price,
                [
                    "product_id": .string("PROD-WELL000\(index + 1)"),
                    "service_type": "wellness_session", "session_type": session.kind,
                    "description": .string("\(session.name), \(session.minutes) minutes."),
                    "duration_minutes": .int(session.minutes),
                    "practitioner_requirements": .list([session.specialization]),
                    "room_requirements": session.room,
                    "equipment_needed": .list(session.equipment), "categories": ["Wellness"],
                ]
            )
        }
    }

    private func rooms() -> [SeedRow] {
        let rooms: [(key: String, name: String, kind: Value, service: Value)] = [
            ("linden-room", "Linden Room", "treatment_room", "room"),
            ("birch-room", "Birch Room", "treatment_room", "room"),
            ("sky-studio", "Sky Studio", "studio", "room"),
            ("main-gallery", "Main Gallery", "gallery", "venue"),
        ]
        return rooms.enumerated().map { index, room in
            offer(
                room.key,
                room.name,
                "Service",
                daysOld: 280 - index,
                [
                    "product_id": .string("PROD-ROOM000\(index + 1)"), "service_type": room.service,
                    "venue_type": room.kind, "description": .string("\(room.name), ground floor."),
                    "categories": ["Wellness"],
                ]
            )
        }
    }

    private func equipment() -> [SeedRow] {
        let pieces: [(key: String, name: String, kind: Value, count: Int64)] = [
            ("massage-table-1", "Massage Table 1", "Massage Table", 1),
            ("massage-table-2", "Massage Table 2", "Massage Table", 1),
            ("singing-bowls", "Set of singing bowls", "Singing Bowls", 1),
            ("yoga-mats", "Yoga mats", "Yoga Mat", 12),
        ]
        return pieces.enumerated().map { index, piece in
            offer(
                piece.key,
                piece.name,
                "Physical Product",
                daysOld: 270 - index,
                [
                    "product_id": .string("PROD-EQUI000\(index + 1)"), "service_type": "equipment",
                    "description": .string("\(piece.name), for use in the house."),
                    "inventory_count": .int(piece.count), "tags": .list([piece.kind]),
                    "categories": ["Physical"],
                ]
            )
        }
    }

    private func others() -> [SeedRow] {
        [
            offer(
                "spring-show",
                "Spring group exhibition",
                "Service",
                daysOld: 60,
                [
                    "product_id": "PROD-EXHI0001", "service_type": "exhibition",
                    "description": "Three artists of the community show new work.",
                    "date_range": ["start": day(90), "end": day(120)],
                    "exhibition_type": "Group Exhibition", "venue_requirements": ["Main Gallery"],
                    "artist_email": "lara@example.org", "installation_complexity": "Moderate",
                    "artist_commission": 60, "categories": ["Art"],
                    "related_contacts": [
                        reference("contacts_profiles", "lara"),
                        reference("contacts_profiles", "gregor"),
                    ],
                ]
            ),
            offer(
                "strategy-sprint",
                "Strategy sprint",
                "Consultation",
                daysOld: 120,
                entity: "am_consulting",
                price: 4800,
                [
                    "product_id": "PROD-CONS0001", "service_type": "consulting_package",
                    "description": "Two weeks from question to decided strategy.",
                    "categories": ["Consulting"],
                ]
            ),
        ]
    }
}
