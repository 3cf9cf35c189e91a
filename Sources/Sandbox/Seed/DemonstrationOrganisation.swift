import EventModel

/// An invented organisation: three business entities, the people around them, what they offer.
///
/// Nobody here exists. Addresses end in example.org, telephone numbers are made up.
struct DemonstrationOrganisation {
    let now: Timestamp
    let baseURL: String

    /// The staff, as users of Notion; the first is who edits rows by hand.
    var users: [NotionUser] {
        ["Mira Kos", "Jakob Oblak", "Sonja Rozman"].map { name in
            NotionUser(
                id: SandboxIdentities.identifier("user/\(name)"),
                name: name,
                email: name.lowercased().replacing(" ", with: ".") + "@example.org"
            )
        }
    }

    var rows: [SeedRow] {
        entities() + people() + offers() + library() + work()
    }

    /// A row, so many days old; rows of one day keep their order.
    func row(
        _ database: String,
        _ name: String,
        daysOld: Int,
        _ fields: ValueMap
    ) -> SeedRow {
        SeedRow(
            database: database,
            name: name,
            createdAt: now - .seconds(daysOld * 86_400),
            fields: fields
        )
    }

    /// The id of a row, for relations.
    func reference(_ database: String, _ name: String) -> Value {
        .string(SeedRow.identifier(database, name))
    }

    func entity(_ name: String) -> Value { .list([reference("business_entities", name)]) }

    /// A date so many days from now.
    func day(_ offset: Int) -> Value {
        let today = NotionTime.floorDivide(Int(now.seconds), 86_400)
        return .string(NotionTime.dateText(today + offset))
    }

    private func entities() -> [SeedRow] {
        [
            row(
                "business_entities",
                "the_7_space",
                daysOld: 400,
                [
                    "name": "The 7 Space", "entity_type": "WELLNESS_CENTER",
                    "api_keys_reference": "env:THE_7_SPACE_KEYS",
                    "entity_settings": [
                        "time_zone": "Europe/Ljubljana", "currency": "EUR",
                        "opening_hours": ["from": "09:00", "to": "20:00"],
                    ],
                    "integration_status": "Active",
                    "primary_workflows": [reference("workflows_library", "wellness_booking")],
                    "active_agents": [reference("agent_registry", "booking")],
                ]
            ),
            row(
                "business_entities",
                "am_consulting",
                daysOld: 399,
                [
                    "name": "AM Consulting", "entity_type": "CONSULTING_FIRM",
                    "api_keys_reference": "env:AM_CONSULTING_KEYS",
                    "entity_settings": ["time_zone": "Europe/Ljubljana", "currency": "EUR"],
                    "integration_status": "Active",
                ]
            ),
            row(
                "business_entities",
                "higherself_platform",
                daysOld: 398,
                [
                    "name": "HigherSelf", "entity_type": "CONSULTING_FIRM",
                    "api_keys_reference": "env:HIGHERSELF_KEYS",
                    "entity_settings": ["time_zone": "UTC"], "integration_status": "Active",
                ]
            ),
        ]
    }
}
