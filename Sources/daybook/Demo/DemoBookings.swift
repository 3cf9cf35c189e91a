import EventModel
import Foundation
import HTTPClient

/// The bookings of the demo; everybody in them is invented.
struct DemoBookings {
    struct Booking {
        let deliveryID: String
        let client: String
        let email: String
        let payload: Value
        let startsAt: Timestamp
    }

    let known: Booking
    let unknown: Booking
    let nobodyFree: Booking
    let forged: Booking

    init(now: Timestamp) {
        let day = Self.weekday(after: now, days: 7)
        known = Self.booking(
            number: 1001,
            client: ("Ana Novak", "ana@example.org", "+386 40 111 222"),
            service: ("Deep Tissue Massage", "massage"),
            at: day + .seconds(10 * 3600)
        )
        unknown = Self.booking(
            number: 1002,
            client: ("Ben Carver", "ben.carver@example.org", "+386 40 555 019"),
            service: ("Deep Tissue Massage", "massage"),
            at: day + .seconds(13 * 3600)
        )
        nobodyFree = Self.booking(
            number: 1003,
            client: ("Clara Stone", "clara.stone@example.org", "+386 40 555 077"),
            service: ("Acupuncture", "acupuncture"),
            at: day + .seconds(10 * 3600)
        )
        forged = Self.booking(
            number: 6666,
            client: ("Mallory", "mallory@example.org", "+386 40 555 066"),
            service: ("Deep Tissue Massage", "massage"),
            at: day + .seconds(15 * 3600)
        )
    }

    /// One of many bookings, each with a client and a time of its own.
    static func numbered(_ number: Int, now: Timestamp) -> Booking {
        let day = weekday(after: now, days: 7 + Int64(number / 6) * 7)
        let hour = 8 + Int64(number % 6)
        return booking(
            number: 2000 + number,
            client: (
                "Guest \(number)", "guest\(number)@example.org",
                "+386 41 000 \(String(number + 1000).suffix(3))"
            ),
            service: ("Deep Tissue Massage", "massage"),
            at: day + .seconds(hour * 3600)
        )
    }

    // Midnight UTC of the first Tuesday to Thursday at least `days` later.
    private static func weekday(after now: Timestamp, days: Int64) -> Timestamp {
        var day = now.seconds / 86_400 + days
        // 1970-01-01 was a Thursday, so (day + 4) % 7 counts from Sunday.
        while !(2...4).contains((day + 4) % 7) { day += 1 }
        return Timestamp(seconds: day * 86_400)
    }

    private static func booking(
        number: Int,
        client: (name: String, email: String, phone: String),
        service: (name: String, specialization: String),
        at startsAt: Timestamp
    ) -> Booking {
        let payload: Value = [
            "event": "new_booking",
            "booking_id": "BK-\(number)",
            "client": [
                "name": .string(client.name), "email": .string(client.email),
                "phone": .string(client.phone),
            ],
            "service": .string(service.name),
            "specialization": .string(service.specialization),
            "starts_at": .string(startsAt.rfc3339),
            "duration_minutes": 60,
            "payment_info": [
                "card_token": "tok_demo_\(number)", "amount": 80, "currency": "EUR",
            ],
            "notes": "",
        ]
        return Booking(
            deliveryID: "msg_demo_\(number)",
            client: client.name,
            email: client.email,
            payload: payload,
            startsAt: startsAt
        )
    }
}

/// Posts bookings as the booking system does.
struct BookingDesk {
    struct Answer: Equatable {
        let instance: String
        let body: Value
    }

    let client: HTTPClient
    let url: String
    let secret: String
    var isQuiet = false

    private var address: String { url + "/webhooks/workflow/booking_system" }

    func post(_ booking: DemoBookings.Booking) async throws -> Answer {
        let webhook = try SignedWebhook(
            booking.payload,
            deliveryID: booking.deliveryID,
            secret: secret,
            at: DemoStory.now
        )
        let response = try await client.send(webhook.request(to: address))
        let body = (try? JSON.parse(bytes: response.body)) ?? .null
        guard response.status == 200, let instance = body["workflow_id"]?.stringValue else {
            let text = String(decoding: response.body.prefix(300), as: UTF8.self)
            throw CommandFailure("the engine answered the booking with \(response.status): \(text)")
        }
        if !isQuiet { Terminal.out("   \(booking.client): instance \(instance)") }
        return Answer(instance: instance, body: body)
    }

    /// Posts with a wrong signature and gives the status.
    func postForged(_ booking: DemoBookings.Booking) async throws -> Int {
        let webhook = try SignedWebhook(
            booking.payload,
            deliveryID: booking.deliveryID,
            secret: secret,
            at: DemoStory.now,
            isForged: true
        )
        return try await client.send(webhook.request(to: address)).status
    }
}
