/// How a sender signs its webhooks; always with HMAC-SHA256 over bytes.
public enum WebhookScheme: String, Sendable, Hashable, CaseIterable {
    /// `X-Notion-Signature: sha256=<hex>` over the raw body.
    case notion
    /// `X-Hub-Signature-256: sha256=<hex>` over the raw body.
    case github
    /// `X-Slack-Signature: v0=<hex>` over `v0:<timestamp>:<body>`.
    case slack
    /// `Stripe-Signature: t=<timestamp>,v1=<hex>` over `<timestamp>.<body>`.
    case stripe
    /// `webhook-signature: v1,<base64>` over `<id>.<timestamp>.<body>` (standardwebhooks.com).
    case standardWebhooks = "standard-webhooks"
}

/// What a signature check found.
public enum SignatureVerdict: Sendable, Hashable {
    case valid
    /// The signature is missing, of another form, or not that of these bytes under this secret.
    case invalid(reason: String)
    /// The signature is right and its time is outside of the tolerance: perhaps a replay.
    case stale(reason: String)
}
