import EventModel

extension DemonstrationOrganisation {
    /// Somebody who takes bookings.
    private struct Practitioner {
        var key: String
        var name: String
        var phone: String
        var specialization: [Value]
        /// Local hours by weekday.
        var weekly: ValueMap
    }

    private static let zone = "Europe/Ljubljana"

    private static func hours(_ days: [String], _ from: Value, _ to: Value) -> ValueMap {
        ValueMap(days.map { ($0, [[from, to]]) })
    }

    private static let weekdays = ["mon", "tue", "wed", "thu", "fri"]

    private static let practitioners = [
        Practitioner(
            key: "eva-kranjc",
            name: "Eva Kranjc",
            phone: "+38640222001",
            specialization: ["massage"],
            weekly: hours(weekdays, "09:00", "17:00")
        ),
        Practitioner(
            key: "luka-zajc",
            name: "Luka Zajc",
            phone: "+38640222002",
            specialization: ["reiki"],
            weekly: hours(weekdays, "09:00", "12:00")
        ),
        Practitioner(
            key: "nika-golob",
            name: "Nika Golob",
            phone: "+38640222003",
            specialization: ["yoga", "meditation"],
            weekly: hours(["mon", "wed", "fri"], "16:00", "20:00")
                .merging(hours(["sat"], "09:00", "13:00"))
        ),
        Practitioner(
            key: "jure-hafner",
            name: "Jure Hafner",
            phone: "+38640222004",
            specialization: ["sound healing"],
            weekly: hours(weekdays + ["sat", "sun"], "10:00", "20:00")
        ),
        Practitioner(
            key: "maja-bizjak",
            name: "Maja Bizjak",
            phone: "+38640222005",
            specialization: ["craniosacral therapy"],
            weekly: hours(["tue", "thu"], "10:00", "18:00")
        ),
    ]

    func people() -> [SeedRow] {
        let practitioners = DemonstrationOrganisation.practitioners.enumerated().map {
            practitioner($1, daysOld: 300 - $0)
        }
        return practitioners + clients() + artists() + staff()
    }

    private func practitioner(_ person: Practitioner, daysOld: Int) -> SeedRow {
        let feed = Value.string("\(baseURL)/calendar/\(person.key).ics")
        return row(
            "contacts_profiles",
            person.key,
            daysOld: daysOld,
            [
                "full_name": .string(person.name),
                "email": .string(person.key.replacing("-", with: ".") + "@example.org"),
                "phone": .string(person.phone), "contact_type": "Staff", "role": "Practitioner",
                "specialization": .list(person.specialization),
                "availability": [
                    "time_zone": .string(DemonstrationOrganisation.zone),
                    "weekly": .map(person.weekly), "calendar_url": feed,
                ],
                "external_ids": ["calendar_url": feed], "business_entity": entity("the_7_space"),
                "status": .null, "timezone": .string(DemonstrationOrganisation.zone),
                "date_added": day(-daysOld),
            ]
        )
    }

    private func clients() -> [SeedRow] {
        let people: [(key: String, name: String, phone: String, status: Value, entity: String)] = [
            ("ana", "Ana Novak", "+38640111222", "Active Client", "the_7_space"),
            ("peter", "Peter Horvat", "+38640111223", "Active Client", "the_7_space"),
            ("irena", "Irena Potočnik", "+38640111224", "Active Client", "the_7_space"),
            ("tina", "Tina Mlakar", "+38640111225", "Qualified Lead", "the_7_space"),
            ("matej", "Matej Krajnc", "+38640111226", "Former Client", "the_7_space"),
            ("petra", "Petra Hribar", "+38640111227", "Active Client", "the_7_space"),
            ("marko", "Marko Vidmar", "+38640111228", "Active Client", "am_consulting"),
            ("sara", "Sara Bergant", "+38640111229", "Active Lead", "am_consulting"),
            ("andrej", "Andrej Zupan", "+38640111230", "Do Not Contact", "am_consulting"),
        ]
        return people.enumerated().map { index, person in
            var fields: ValueMap = [
                "full_name": .string(person.name), "email": .string("\(person.key)@example.org"),
                "phone": .string(person.phone), "status": person.status,
                "contact_type": person.status.stringValue?.hasSuffix("Lead") == true
                    ? "Lead" : "Client",
                "business_entity": entity(person.entity),
                "lead_source": index % 2 == 0 ? "Website" : "Referral", "language": "english",
                "timezone": .string(DemonstrationOrganisation.zone),
                "date_added": day(-200 + index), "engagement_score": .int(Int64(90 - index * 7)),
                "preferences": ["channels": ["email", "sms"]],
                "tags": index == 5 ? ["VIP", "Returning"] : ["Returning"],
            ]
            if person.entity == "am_consulting" {
                fields["company"] = .string("Vidmar & partners, example company")
                fields["industry_sector"] = "Technology"
                fields["company_size"] = "SME"
                fields["consulting_needs"] = ["Strategy", "Operations"]
            }
            return row("contacts_profiles", person.key, daysOld: 200 - index, fields)
        }
    }

    private func artists() -> [SeedRow] {
        let artists: [(key: String, name: String, medium: Value, role: Value)] = [
            ("lara", "Lara Kavčič", ["Painting"], "Featured Artist"),
            ("gregor", "Gregor Turk", ["Sculpture", "Mixed Media"], "Emerging Artist"),
            ("zala", "Zala Pirc", ["Photography", "Digital"], "Emerging Artist"),
        ]
        return artists.enumerated().flatMap { index, artist in
            let email = Value.string("\(artist.key)@example.org")
            let contact = row(
                "contacts_profiles",
                artist.key,
                daysOld: 150 - index,
                [
                    "full_name": .string(artist.name), "email": email,
                    "phone": .string("+3864011133\(index)"), "contact_type": "Partner",
                    "role": "Artist", "business_entity": entity("the_7_space"),
                    "status": .null, "date_added": day(-150 + index),
                ]
            )
            let member = row(
                "community_hub",
                artist.key,
                daysOld: 140 - index,
                [
                    "member_name": .string(artist.name), "member_email": email,
                    "contact_profile": [reference("contacts_profiles", artist.key)],
                    "join_date": day(-140 + index), "membership_level": "Founding Member",
                    "membership_status": "Active", "primary_platform": "Circle.so",
                    "interests": ["Art"], "business_entity": entity("the_7_space"),
                    "artist_medium": artist.medium, "community_role": artist.role,
                ]
            )
            return [contact, member]
        }
    }

    private func staff() -> [SeedRow] {
        users.enumerated().map { index, user in
            row(
                "contacts_profiles",
                user.name,
                daysOld: 350 - index,
                [
                    "full_name": .string(user.name), "email": .string(user.email ?? ""),
                    "phone": .string("+3864055500\(index)"), "contact_type": "Staff",
                    "role": "Manager", "business_entity": entity("the_7_space"),
                    "status": .null, "date_added": day(-350 + index),
                ]
            )
        }
    }

    /// The practitioners' calendars: lunch for one, an appointment for another, and one who is away for
    /// a year, so that nobody can take a booking for sound healing.
    var calendars: [String: CalendarFeed] {
        let today = NotionTime.floorDivide(Int(now.seconds), 86_400)
        var feeds: [String: CalendarFeed] = [:]
        for person in DemonstrationOrganisation.practitioners {
            feeds[person.key] = CalendarFeed(title: person.name)
        }
        feeds["eva-kranjc"]?.events = [
            weekly("lunch", "Lunch", from: today, hour: 13, days: "MO,TU,WE,TH,FR"),
            weekly("team", "Team meeting", from: today, hour: 16, days: "FR"),
        ]
        let visit = (today + 3) * 86_400 + 10 * 3600
        feeds["luka-zajc"]?.events = [
            CalendarEvent(
                identifier: "visit",
                summary: "Dentist, back at noon",
                start: visit,
                end: visit + 3600
            ),
            CalendarEvent(
                identifier: "birthday",
                summary: "Birthday",
                start: (today + 1) * 86_400,
                end: (today + 2) * 86_400,
                isAllDay: true,
                isBusy: false
            ),
        ]
        feeds["jure-hafner"]?.events = [
            CalendarEvent(
                identifier: "tour",
                summary: "Concert tour",
                start: (today - 7) * 86_400,
                end: (today + 365) * 86_400,
                isAllDay: true
            )
        ]
        return feeds
    }

    /// An hour that comes back every week, by the wall clock.
    private func weekly(
        _ identifier: String,
        _ summary: String,
        from today: Int,
        hour: Int,
        days: String
    ) -> CalendarEvent {
        // The first occurrence must itself match the rule: the latest Friday, or the day before it.
        let friday = today - ((today - 1) % 7 + 7) % 7
        let start = friday * 86_400 + hour * 3600
        return CalendarEvent(
            identifier: identifier,
            summary: summary,
            start: start,
            end: start + 3600,
            timeZone: DemonstrationOrganisation.zone,
            recurrence: "FREQ=WEEKLY;BYDAY=\(days)"
        )
    }
}
