import Crypto
import DaybookTestKit
import EventModel
import Foundation
import Runtime
import WorkflowEngine

/// The booking workflow with actions that do as they are told.
struct Booking {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let source = WebhookSource(
        name: "booking_system",
        scheme: .standardWebhooks,
        secret: secret
    )
    static let file = "Workflows/the_7_space/wellness_booking_automation.yaml"

    static func text() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
    }

    /// A signed delivery of a booking.
    static func delivery(
        _ identifier: String,
        at now: Timestamp,
        startsAt: String = "2026-12-01T10:00:00Z"
    ) throws -> WebhookDelivery {
        let body: Value = [
            "event": "new_booking", "booking_id": .string("BK-\(identifier)"),
            "client": [
                "name": " Ana Novak ", "email": "Ana@example.org", "phone": "+386 40 111 222",
            ],
            "service": "Deep tissue massage", "specialization": "massage",
            "starts_at": .string(startsAt), "duration_minutes": 60,
            "payment_info": ["card_token": "tok_secret", "amount": 80, "currency": "EUR"],
            "notes": "",
        ]
        return signed(identifier, body: Array(try JSON.text(body).utf8), at: now)
    }

    static func signed(
        _ identifier: String,
        body: [UInt8],
        at now: Timestamp
    ) -> WebhookDelivery {
        let key = SymmetricKey(data: Data(base64Encoded: String(secret.dropFirst(6))) ?? Data())
        let message = Array("\(identifier).\(now.seconds).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
        return WebhookDelivery(
            source: source.name,
            headers: [
                ("webhook-id", identifier), ("webhook-timestamp", "\(now.seconds)"),
                ("webhook-signature", "v1," + Data(code).base64EncodedString()),
            ],
            body: body,
            receivedAt: now
        )
    }

    /// The actions; `override` replaces some by name.
    static func actions(_ override: [ScriptedAction] = []) -> [ScriptedAction] {
        let standard = [
            answering("records.find_or_create", ["id": "c-1", "created": true, "record": [:]]),
            answering("calendar.sync", ["busy": [:], "people": [], "synced_at": nil]),
            answering(
                "booking.assign_practitioner",
                [
                    "practitioner_id": "p-1", "name": "Maja", "email": "maja@example.org",
                    "reservation_id": "r-1",
                ]
            ),
            answering(
                "booking.reserve",
                ["reservation_id": "r-2", "room_id": "room-1", "room": "Blue", "equipment": []]
            ),
            answering("booking.release", ["released": 1]),
            answering("task.create", ["task_id": "t-1", "title": "x"]),
            answering("notify.send", ["sent": []]),
        ]
        let names = Set(override.map(\.descriptor.name))
        return standard.filter { !names.contains($0.descriptor.name) } + override
    }

    static func answering(_ name: String, _ output: Value) -> ScriptedAction {
        ScriptedAction(descriptor(name)) { _, _ throws(ActionFailure) in output }
    }

    /// The description of one of the workflow's actions.
    static func descriptor(_ name: String) -> ActionDescriptor {
        ActionCatalogue.describedForBooking[name]?.descriptor
            ?? ActionDescriptor(name: name, summary: "", inputs: [], outputs: [], effect: .none)
    }
}
