import EventModel
import Testing

@testable import Sandbox

@Suite struct CatcherTests {
    private func reply(
        _ notion: inout LocalNotion,
        _ target: String,
        _ body: String,
        headers: [String: String] = [:]
    ) -> (Int, String) {
        let reply = notion.state.answer(
            SandboxRequest(
                method: "POST",
                target: target,
                headers: headers,
                body: Array(body.utf8)
            )
        )
        return (reply.status, String(decoding: reply.body, as: UTF8.self))
    }

    @Test(arguments: [
        (#"{"text":"hello","channel":"desk"}"#, 200, "ok"), (#"{"text":""}"#, 400, "no_text"),
        (#"{"blocks":[{"type":"divider"}]}"#, 200, "ok"), ("text", 400, "invalid_payload"),
    ])
    func answersAsSlackDoes(body: String, status: Int, words: String) throws {
        var notion = try LocalNotion()
        #expect(reply(&notion, "/slack/webhook/desk", body) == (status, words))
        let kept = try notion.get("GET", "/sandbox/slack").listValue ?? []
        #expect(kept.count == (status == 200 ? 1 : 0))
        if status == 200 { #expect(kept.first?["name"] == "desk") }
    }

    @Test func sendsATextMessageOnceAKey() throws {
        var notion = try LocalNotion()
        let body = #"{"to":"+38640111222","from":"Daybook","text":"Tomorrow at ten"}"#
        let key = ["idempotency-key": "k1"]
        let first = reply(&notion, "/sms/messages", body, headers: key)
        let second = reply(&notion, "/sms/messages", body, headers: key)
        let third = reply(&notion, "/sms/messages", body)
        #expect(first.0 == 201 && first == second && third.1 != first.1)
        let other = #"{"to":"+38640111222","from":"Daybook","text":"Something else"}"#
        #expect(reply(&notion, "/sms/messages", other, headers: key).0 == 409)
        #expect(reply(&notion, "/sms/messages", #"{"to":""}"#).0 == 422)
        let kept = try notion.get("GET", "/sandbox/sms").listValue ?? []
        #expect(kept.map { $0["request_count"] } == [2, 1])
        #expect(kept.first?["to"] == "+38640111222")
    }

    @Test func writesCalendarsThatOthersCanRead() throws {
        let feed = CalendarFeed(
            title: "Ana, Eva",
            events: [
                CalendarEvent(
                    identifier: "a",
                    summary: String(repeating: "ž", count: 60) + "; end",
                    start: 0,
                    end: 3600
                ),
                CalendarEvent(
                    identifier: "b",
                    summary: "Weekly",
                    start: 86_400,
                    end: 90_000,
                    timeZone: "Europe/Ljubljana",
                    recurrence: "FREQ=WEEKLY;BYDAY=FR",
                    isBusy: false
                ),
            ]
        )
        let text = feed.text(now: Timestamp(seconds: 0))
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 75 && !$0.contains("\n") })
        #expect(text.contains("X-WR-CALNAME:Ana\\, Eva\r\n"))
        #expect(text.contains("DTSTART:19700101T000000Z\r\n"))
        #expect(text.contains("DTSTART;TZID=Europe/Ljubljana:19700102T000000\r\n"))
        #expect(text.contains("TRANSP:TRANSPARENT"))
        #expect(text.replacing("\r\n ", with: "").contains("ž\\; end\r\n"))
    }

    @Test func addsABusyTime() throws {
        var notion = try LocalNotion()
        let body = #"{"starts_at":"2026-12-01T10:00:00Z","ends_at":"2026-12-01T11:00:00Z"}"#
        #expect(reply(&notion, "/sandbox/calendar/new", body).0 == 201)
        let feed = notion.state.answer(SandboxRequest(method: "GET", target: "/calendar/new.ics"))
        let text = String(decoding: feed.body, as: UTF8.self)
        #expect(text.contains("DTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z"))
        #expect(reply(&notion, "/sandbox/calendar/new", "{}").0 == 400)
    }
}
