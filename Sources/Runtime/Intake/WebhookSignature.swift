import Crypto
public import EventModel

/// Checks the signatures of webhooks.
public enum WebhookSignature {
    /// The tolerance that Slack, Stripe and Standard Webhooks recommend, in seconds, inclusive.
    public static let toleranceSecondsDefault: Int64 = 300

    /// Checks one delivery.
    ///
    /// - Parameters:
    ///   - scheme: how the sender signs.
    ///   - secret: the shared secret, in the form in which the sender hands it out.
    ///   - headers: all headers of the request, in any case.
    ///   - body: the raw bytes, never parsed and written again.
    ///   - now: when the request came.
    ///   - toleranceSeconds: how far a signed time may lie from `now`, inclusive: both ways for Slack
    ///     and Standard Webhooks, into the past for Stripe; Notion and GitHub sign no time.
    public static func verify(
        scheme: WebhookScheme,
        secret: String,
        headers: [(String, String)],
        body: [UInt8],
        now: Timestamp,
        toleranceSeconds: Int64 = toleranceSecondsDefault
    ) -> SignatureVerdict {
        let headers = WebhookHeaders(headers)
        let moment = Moment(now: now, toleranceSeconds: toleranceSeconds)
        guard !secret.isEmpty else { return .invalid(reason: "the source has no secret") }
        switch scheme {
        case .notion:
            return digest(of: body, secret, headers, name: "X-Notion-Signature")
        case .github:
            return digest(of: body, secret, headers, name: "X-Hub-Signature-256")
        case .slack:
            return slack(body, secret, headers, moment)
        case .stripe:
            return stripe(body, secret, headers, moment)
        case .standardWebhooks:
            return standard(body, secret, headers, moment)
        }
    }

    private struct Moment {
        let now: Timestamp
        let toleranceSeconds: Int64

        func judge(_ seconds: Int64, futureAllowed: Bool) -> SignatureVerdict {
            // A signed time can be any number, so the subtraction must not overflow.
            let (age, overflow) = now.seconds.subtractingReportingOverflow(seconds)
            if overflow { return .stale(reason: "signed at an impossible time") }
            if age > toleranceSeconds { return .stale(reason: "signed \(age) seconds ago") }
            if !futureAllowed, age < -toleranceSeconds {
                return .stale(reason: "signed \(-age) seconds in the future")
            }
            return .valid
        }
    }

    private static func digest(
        of body: [UInt8],
        _ secret: String,
        _ headers: WebhookHeaders,
        name: String
    ) -> SignatureVerdict {
        guard let given = headers[name] else { return .invalid(reason: "no header \(name)") }
        let expected = "sha256=" + hexadecimal(code(body, key: Array(secret.utf8)))
        return isSame(given, expected) ? .valid : mismatch
    }

    private static func slack(
        _ body: [UInt8],
        _ secret: String,
        _ headers: WebhookHeaders,
        _ moment: Moment
    ) -> SignatureVerdict {
        guard let given = headers["X-Slack-Signature"] else {
            return .invalid(reason: "no header X-Slack-Signature")
        }
        guard let text = headers["X-Slack-Request-Timestamp"], let seconds = wholeSeconds(text)
        else { return .invalid(reason: "X-Slack-Request-Timestamp holds no whole seconds") }
        let message = Array("v0:\(text):".utf8) + body
        let expected = "v0=" + hexadecimal(code(message, key: Array(secret.utf8)))
        guard isSame(given, expected) else { return mismatch }
        return moment.judge(seconds, futureAllowed: false)
    }

    private static func stripe(
        _ body: [UInt8],
        _ secret: String,
        _ headers: WebhookHeaders,
        _ moment: Moment
    ) -> SignatureVerdict {
        guard let header = headers["Stripe-Signature"] else {
            return .invalid(reason: "no header Stripe-Signature")
        }
        var times: [String] = []
        var given: [String] = []
        for part in header.split(separator: ",", omittingEmptySubsequences: true) {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let value = String(part[part.index(after: equals)...])
            switch part[..<equals] {
            case "t": times.append(value)
            case "v1": given.append(value)
            default: continue
            }
        }
        guard times.count == 1, let text = times.first, let seconds = wholeSeconds(text) else {
            return .invalid(reason: "Stripe-Signature holds no single t in whole seconds")
        }
        let message = Array("\(text).".utf8) + body
        let expected = hexadecimal(code(message, key: Array(secret.utf8)))
        guard isAnySame(given, expected) else { return mismatch }
        return moment.judge(seconds, futureAllowed: true)
    }

    private static func standard(
        _ body: [UInt8],
        _ secret: String,
        _ headers: WebhookHeaders,
        _ moment: Moment
    ) -> SignatureVerdict {
        guard let identifier = headers["webhook-id"], !identifier.isEmpty else {
            return .invalid(reason: "no header webhook-id")
        }
        guard let header = headers["webhook-signature"] else {
            return .invalid(reason: "no header webhook-signature")
        }
        guard let text = headers["webhook-timestamp"], let seconds = wholeSeconds(text) else {
            return .invalid(reason: "webhook-timestamp holds no whole seconds")
        }
        let encoded = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
        guard let key = Base64.decode(encoded), !key.isEmpty else {
            return .invalid(reason: "the secret of the source is not base64 after whsec_")
        }
        let message = Array("\(identifier).\(text).".utf8) + body
        let expected = "v1," + Base64.encode(code(message, key: key))
        let given = header.split(separator: " ").map(String.init)
        guard isAnySame(given, expected) else { return mismatch }
        return moment.judge(seconds, futureAllowed: false)
    }

    private static let mismatch = SignatureVerdict.invalid(
        reason: "the signature is not that of the body under the secret of the source"
    )

    private static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        Digest(bytes: bytes)?.hexadecimal ?? ""
    }

    // Texts are compared, not decoded bytes, so that a signature has exactly one accepted form.
    private static func isSame(_ given: String, _ expected: String) -> Bool {
        let (given, expected) = (Array(given.utf8), Array(expected.utf8))
        guard given.count == expected.count, !expected.isEmpty else { return false }
        var difference: UInt8 = 0
        for index in expected.indices { difference |= given[index] ^ expected[index] }
        return difference == 0
    }

    private static func isAnySame(_ given: [String], _ expected: String) -> Bool {
        var found = false
        // All are looked at, so that the time tells nothing about which one was right.
        for candidate in given where isSame(candidate, expected) { found = true }
        return found
    }

    private static func wholeSeconds(_ text: String) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
