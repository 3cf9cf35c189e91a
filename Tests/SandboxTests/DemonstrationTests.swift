import EventModel
import Records
import Testing

@testable import Sandbox

@Suite struct DemonstrationTests {
    private func demonstration() throws -> LocalNotion {
        try LocalNotion(.demonstration, catalogue: catalogue(), at: "2026-11-21T10:00:00Z")
    }

    private func rows(_ notion: inout LocalNotion, _ key: String) throws -> [Value] {
        try notion.get("GET", "/sandbox/rows/\(key)").listValue ?? []
    }

    @Test func hasWhatTheBookingNeeds() throws {
        var notion = try demonstration()
        let contacts = try rows(&notion, "contacts_profiles")
        let ana = contacts.first { $0["email"] == "ana@example.org" }
        #expect(ana?["full_name"] == "Ana Novak" && ana?["phone"] == "+38640111222")
        let practitioners = contacts.filter { $0["role"] == "Practitioner" }
        #expect(practitioners.count >= 4)
        for person in practitioners {
            #expect(person["availability"]?["time_zone"] == "Europe/Ljubljana")
            let url = person["external_ids"]?["calendar_url"]?.stringValue ?? ""
            #expect(url == person["availability"]?["calendar_url"]?.stringValue)
            let path = url.replacing("http://sandbox", with: "")
            let reply = notion.state.answer(SandboxRequest(method: "GET", target: path))
            #expect(reply.status == 200)
        }
        let offers = try rows(&notion, "products_services")
        #expect(offers.filter { $0["service_type"] == "room" }.count == 3)
        #expect(offers.filter { $0["service_type"] == "equipment" }.count >= 3)
        let massage = offers.first { $0["name"] == "Deep tissue massage" }
        #expect(massage?["room_requirements"] == "treatment_room")
        let kinds = Set(offers.flatMap { $0["tags"]?.listValue ?? [] })
        for need in massage?["equipment_needed"]?.listValue ?? [] { #expect(kinds.contains(need)) }
        #expect(try rows(&notion, "business_entities").count == 3)
    }

    @Test func fillsEveryRequiredField() throws {
        var notion = try demonstration()
        for schema in try catalogue().databases {
            for row in try rows(&notion, schema.key) {
                for field in schema.fields where field.isRequired {
                    let value = row[field.key] ?? .null
                    if NotionWorkspace.isEmpty(value) {
                        Issue.record("\(schema.key).\(field.key) is empty in \(row)")
                    }
                }
                for field in schema.fields {
                    guard let text = row[field.key]?.stringValue, let form = field.identifierFormat
                    else { continue }
                    if try Regex(form).wholeMatch(in: text) == nil {
                        Issue.record("\(schema.key).\(field.key): \(text) is not \(form)")
                    }
                }
            }
        }
    }

    @Test func inventsEveryAddress() throws {
        var notion = try demonstration()
        for schema in try catalogue().databases {
            for row in try rows(&notion, schema.key) {
                for key in ["email", "member_email", "artist_email"] {
                    guard let address = row[key]?.stringValue else { continue }
                    if !address.hasSuffix("@example.org") {
                        Issue.record("\(address) is somebody's")
                    }
                }
            }
        }
    }

    @Test func leavesNobodyForSoundHealing() throws {
        let notion = try demonstration()
        let feed = notion.state.calendars["jure-hafner"]?.text(now: notion.clock.now) ?? ""
        #expect(feed.contains("DTSTART;VALUE=DATE:20261114\r\nDTEND;VALUE=DATE:20271121\r\n"))
        #expect(feed.contains("TRANSP:OPAQUE"))
    }

    @Test func startsWeeklyEntriesOnADayOfTheirRule() throws {
        for day in 15...21 {
            let notion = try LocalNotion(
                .demonstration,
                catalogue: catalogue(),
                at: "2026-11-\(day)T10:00:00Z"
            )
            for event in notion.state.calendars["eva-kranjc"]?.events ?? [] {
                let date = CivilDate(daysSince1970: event.start / 86_400)
                #expect(date.weekday == 5)
                #expect(event.start / 86_400 <= Int(notion.clock.now.seconds) / 86_400)
            }
        }
    }

    @Test func goesBackToTheStart() throws {
        var notion = try demonstration()
        let before = try rows(&notion, "contacts_profiles")
        let row: Value = ["full_name": "Nobody", "tags": ["VIP"], "preferences": ["a": [1]]]
        let made = try notion.get("POST", "/sandbox/rows/contacts_profiles", row)
        #expect(made["preferences"] == ["a": [1]] && made["tags"] == ["VIP"])
        #expect(made["last_edited_by"]?.stringValue != NotionUser.botID)
        let id = made["id"]?.stringValue ?? ""
        let path = "/sandbox/rows/contacts_profiles/\(id)"
        #expect(try notion.get("PATCH", path, ["in_trash": true])["in_trash"] == true)
        #expect(try rows(&notion, "contacts_profiles").count == before.count + 1)
        _ = try notion.get("POST", "/sandbox/reset")
        #expect(try rows(&notion, "contacts_profiles") == before)
        let wrong = try notion.call("POST", "/sandbox/rows/contacts_profiles", ["x": 1])
        #expect(wrong.status == 400)
    }
}
