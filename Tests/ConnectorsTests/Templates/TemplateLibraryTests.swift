import Connectors
import Documents
import EventModel
import Foundation
import Testing

@Suite struct TemplateLibraryTests {
    @Test func rendersEachPartInItsOwnWay() throws {
        let library = try TemplateLibrary.load(texts: [
            (
                "greeting.yaml",
                """
                template: greeting
                description: Says hello.
                subject: |
                  Hello
                    {{ name }}
                text: "Hello {{ name }}\\n"
                html: "<p>{{ name }}</p>"
                sms: "  {{ name }}  "
                slack: "*{{ name }}*"
                """
            )
        ])
        let data: ValueMap = ["name": "Tom & \"Jerry\""]
        let texts = try NotificationPart.allCases.map { try library.render("greeting", $0, data) }
        let wanted = [
            "Hello Tom & \"Jerry\"", "Hello Tom & \"Jerry\"\n",
            "<p>Tom &amp; &#34;Jerry&#34;</p>", "Tom & \"Jerry\"", "*Tom &amp; \"Jerry\"*",
        ]
        #expect(texts == wanted)
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        var text: String
        var problem: String
        var testDescription: String { problem }
    }

    @Test(arguments: [
        Broken(
            text: "template: t\ndescription: d\n",
            problem: "t.yaml:1:1: the template has no part"
        ),
        Broken(
            text: "template: t\ndescription: d\ntext: |\n  fine\n  {% if x %}\n",
            problem: "t.yaml:5:3: the tag 'if' is not closed"
        ),
        Broken(
            text: "template: t\ndescription: d\nsms: '{{ x|uper }}'\n",
            problem: "t.yaml:3:6: there is no filter 'uper'; did you mean 'upper'?"
        ),
        Broken(
            text: "template: t\ndescription: d\ntext: \"{% include 't.smss' %}\"\nsms: x\n",
            problem: "t.yaml:3:7: there is no template 't.smss'; did you mean 't.sms'?"
        ),
        Broken(
            text: "template: t\ndescription: d\ntxt: x\ntext: x\n",
            problem: "unknown key 'txt'; did you mean 'text'?"
        ),
        Broken(
            text: "template: other\ndescription: d\ntext: x\n",
            problem: "the template 'other' stands in t.yaml; name the file other.yaml"
        ),
        Broken(text: "template: t\ntext: x\n", problem: "the key 'description' is missing"),
        Broken(text: "template: [", problem: "t.yaml:"),
    ])
    func namesPlaceAndRemedy(broken: Broken) {
        do throws(Problems) {
            _ = try TemplateLibrary.load(texts: [("x/t.yaml", broken.text)])
            Issue.record("no problem seen")
        } catch {
            #expect(error.description.contains(broken.problem))
        }
    }

    @Test func refusesTwoOfOneName() {
        let text = "template: t\ndescription: d\ntext: x\n"
        #expect(throws: Problems.self) {
            try TemplateLibrary.load(texts: [("a/t.yaml", text), ("b/t.yaml", text)])
        }
    }

    static let session: ValueMap = [
        "client_name": "Ana Novak", "service": "Deep tissue massage", "booking_id": "BK-1001",
        "starts_at": .timestamp(Timestamp(seconds: 1_796_119_200)),
        "ends_at": .timestamp(Timestamp(seconds: 1_796_122_800)), "duration_minutes": 60,
        "practitioner": "Maja Kranjc", "room": "Room <1>",
    ]

    private static func shipped() throws -> TemplateLibrary {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try TemplateLibrary.load(workflows: root.appendingPathComponent("Workflows").path)
    }

    @Test(arguments: ["booking_confirmed", "booking_reminder_24h", "booking_reminder_2h"])
    func shippedTemplatesSayWhenWhereAndWithWhom(name: String) throws {
        let library = try Self.shipped()
        var data = Self.session
        data["time_zone"] = "Europe/Ljubljana"
        let text = try #require(try library.render(name, .text, data))
        let html = try #require(try library.render(name, .html, data))
        let facts = ["Ana Novak", "Deep tissue massage", "60 minutes", "Maja Kranjc", "BK-1001"]
        let when = "Tuesday, 1 December 2026, 11:00 to 12:00"
        #expect((facts + [when, "Room <1>"]).allSatisfy { text.contains($0) })
        #expect((facts + ["Room &lt;1&gt;"]).allSatisfy { html.contains($0) })
        #expect(try library.render(name, .subject, data)?.contains("11:00") == true)
        let sms = try #require(try library.render(name, .sms, data))
        #expect(sms.contains("11:00") && sms.count <= 160)
        #expect(try library.render(name, .slack, data)?.contains("*Deep tissue massage*") == true)
    }

    @Test func shippedTemplatesDoWithoutWhatMayBeMissing() throws {
        let library = try Self.shipped()
        var data = Self.session
        for key in ["ends_at", "duration_minutes", "practitioner", "room"] { data[key] = nil }
        for name in library.names {
            for part in NotificationPart.allCases {
                let text = try library.render(name, part, data) ?? ""
                #expect(!text.contains("null") && !text.contains("{"))
            }
        }
    }

    @Test func alternativesAreListed() throws {
        let library = try Self.shipped()
        var data = Self.session
        data["alternatives"] = [
            ["starts_at": .timestamp(Timestamp(seconds: 1_796_205_600)), "name": "Maja Kranjc"],
            "2026-12-03T09:00:00Z",
        ]
        let text = try #require(try library.render("booking_alternatives", .text, data))
        #expect(text.contains("  - Wednesday, 2 December, 10:00 with Maja Kranjc\n"))
        #expect(text.contains("  - Thursday, 3 December, 09:00\n"))
        let sms = try library.render("booking_alternatives", .sms, data)
        #expect(sms?.contains("Free: Wed 2 Dec 10:00; Thu 3 Dec 09:00.") == true)
        data["alternatives"] = []
        let none = try library.render("booking_alternatives", .text, data)
        #expect(none?.contains("We are looking for another time") == true)
    }

    @Test func writesAConfirmation() throws {
        let library = try Self.shipped()
        var data = Self.session
        for key in ["ends_at", "room"] { data[key] = nil }
        data["time_zone"] = "Europe/Ljubljana"
        data["client_name"] = "Ana <Novak> & Co"
        data["practitioner"] = "Maja O'Brien"
        data["service"] = "Deep tissue & massage"
        let subject = try library.render("booking_confirmed", .subject, data)
        #expect(subject == "Confirmed: Deep tissue & massage on Tuesday, 1 December, 11:00")
        let text = try library.render("booking_confirmed", .text, data)
        let wanted = """
            Hello Ana <Novak> & Co,

            your session is booked. We look forward to seeing you.

              What      Deep tissue & massage, 60 minutes
              When      Tuesday, 1 December 2026, 11:00 (GMT+1)
              With      Maja O'Brien
              Booking   BK-1001

            Please come ten minutes early, so that you can arrive in peace. If you cannot come, answer
            this message as soon as you know it; somebody else will be glad of the time.

            Warm regards,
            The 7 Space

            """
        #expect(text == wanted)
    }

    @Test func aShortMessageOffersThreeTimesAtMost() throws {
        var data = Self.session
        data["alternatives"] = .list((12...16).map { .string("2026-12-01T\($0):00:00Z") })
        let sms = try Self.shipped().render("booking_alternatives", .sms, data)
        let wanted = "Free: Tue 1 Dec 12:00; Tue 1 Dec 13:00; Tue 1 Dec 14:00. Please answer us."
        #expect(sms?.contains(wanted) == true)
    }
}
