import Crypto
import EventModel
import Foundation
import HTTPClient

/// A booking as the booking system would post it, signed after Standard Webhooks.
struct SignedWebhook {
    let deliveryID: String
    let body: [UInt8]
    let headers: [HTTPHeader]

    /// Signs a payload.
    ///
    /// - Parameters:
    ///   - secret: `whsec_` and the key in base64.
    ///   - isForged: true signs with another key, as somebody would who does not have it.
    init(
        _ payload: Value,
        deliveryID: String,
        secret: String,
        at now: Timestamp,
        isForged: Bool = false
    ) throws {
        self.deliveryID = deliveryID
        body = Array(try JSON.text(payload).utf8)
        let signed = Array("\(deliveryID).\(now.seconds).".utf8) + body
        let encoded = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
        var key = Data(base64Encoded: encoded) ?? Data(secret.utf8)
        // A zero would change nothing: HMAC pads short keys with zeros itself.
        if isForged { key.append(1) }
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(signed),
            using: SymmetricKey(data: key)
        )
        headers = [
            HTTPHeader("Content-Type", "application/json"),
            HTTPHeader("webhook-id", deliveryID),
            HTTPHeader("webhook-timestamp", String(now.seconds)),
            HTTPHeader("webhook-signature", "v1," + Data(code).base64EncodedString()),
        ]
    }

    func request(to url: String) -> HTTPRequest {
        HTTPRequest(method: "POST", url: url, headers: headers, body: body, timeout: .seconds(20))
    }
}
