import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Takes webhooks in: checks who sent them, puts their secrets apart, records them once.
///
/// Each delivery has a stream of its own, named after the delivery's id, that can be begun only once: a
/// delivery that comes twice is recognised by the log itself, for ever, and gets the first answer.
struct Intake: Sendable {
    let context: EngineContext
    let registry: SharedRegistry
    let secrets: any SecretStore
    let budget = RefusalBudget()

    func receive(_ delivery: WebhookDelivery) async throws(IntakeError) -> WebhookAnswer {
        let now = delivery.receivedAt ?? context.time.now
        let sources = context.configuration.webhookSources
        guard let source = sources.first(where: { $0.name == delivery.source }) else {
            let remedy = "configure it, or send to one of: "
            throw IntakeError(
                .unknownSource,
                "there is no webhook source '\(delivery.source.prefix(100))'; \(remedy)"
                    + sources.map(\.name).sorted().joined(separator: ", ")
            )
        }
        do throws(IntakeError) {
            return try await take(delivery, from: source, at: now)
        } catch {
            await record(error, of: delivery, at: now)
            throw error
        }
    }

    private func take(
        _ delivery: WebhookDelivery,
        from source: WebhookSource,
        at now: Timestamp
    ) async throws(IntakeError) -> WebhookAnswer {
        let bytesMax = context.configuration.webhookBodyBytesMax
        guard delivery.body.count <= bytesMax else {
            throw IntakeError(
                .tooLarge,
                "the body has \(delivery.body.count) bytes; at most \(bytesMax) are taken"
            )
        }
        let secret = try await secret(of: source)
        if secret == nil, let token = Handshake.token(of: delivery, scheme: source.scheme) {
            return try await takeHandshake(token, delivery, source)
        }
        let verdict = WebhookSignature.verify(
            scheme: source.scheme,
            secret: secret ?? "",
            headers: delivery.headers,
            body: delivery.body,
            now: now,
            toleranceSeconds: source.toleranceSeconds
        )
        switch verdict {
        case .valid: break
        case .invalid(let reason): throw IntakeError(.badSignature, reason)
        case .stale(let reason): throw IntakeError(.stale, reason)
        }
        let reading = try DeliveryReading(
            scheme: source.scheme,
            headers: WebhookHeaders(delivery.headers),
            body: delivery.body
        )
        return try await append(reading, from: source, at: now)
    }

    private func append(
        _ reading: DeliveryReading,
        from source: WebhookSource,
        at now: Timestamp
    ) async throws(IntakeError) -> WebhookAnswer {
        let stream = Self.stream(source, reading.deliveryID)
        if let first = try first(of: stream) { return try answer(to: first, isRepeat: true) }
        let event = context.configuration.makeIdentifier(now)
        let extraction = try SecretExtraction(
            paths: try secretPaths(of: source),
            of: reading.payload,
            event: event
        )
        for (reference, bytes) in extraction.secrets { try await keep(bytes, under: reference) }
        return try await append(
            ProposedEvent(
                id: event,
                type: WebhookEvents.receivedType,
                actor: "webhook:\(source.name)",
                data: .map([
                    "source": .string(source.name),
                    "event": .string(reading.event),
                    "delivery_id": .string(reading.deliveryID),
                    "headers": .map(reading.headers),
                    "payload": extraction.payload,
                ])
            ),
            to: stream
        )
    }

    private static func stream(_ source: WebhookSource, _ deliveryID: String) -> StreamName {
        StreamName(category: "webhook", "\(source.name)/\(deliveryID)")
    }

    private func first(of stream: StreamName) throws(IntakeError) -> Event? {
        do throws(EventLogError) {
            return try context.store.readStream(stream, from: nil, direction: .forward, limit: 1)
                .first
        } catch {
            throw IntakeError(.unavailable, error.message)
        }
    }

    /// What stands in the log decides the answer, so that a repeat has the same one.
    private func answer(
        to event: Event,
        isRepeat: Bool
    ) throws(IntakeError) -> WebhookAnswer {
        do {
            let match = TriggerMatch(store: context.store, logger: context.logger)
            let starts = try match.starts(of: event, in: try registry.current())
            let fitting = starts.filter { start in
                start.definition.inputProblems(start.command.input).isEmpty
            }
            return WebhookAnswer(
                event: event.id,
                position: event.position,
                isRepeat: isRepeat,
                started: fitting.map { start in
                    WebhookAnswer.StartedInstance(
                        workflow: start.definition.name,
                        instance: start.instance
                    )
                }
            )
        } catch {
            throw IntakeError(.unavailable, "\(error)")
        }
    }

    /// The members that any trigger of this source keeps secret, whatever event it waits for.
    private func secretPaths(of source: WebhookSource) throws(IntakeError) -> [String] {
        do throws(EventLogError) {
            let current = try registry.current()
            let definitions = current.definitions(before: Position(UInt64.max))
            return definitions.flatMap(\.webhookTriggers)
                .filter { $0.source == source.name }
                .flatMap(\.secrets)
        } catch {
            throw IntakeError(.unavailable, error.message)
        }
    }

    private func append(
        _ event: ProposedEvent,
        to stream: StreamName
    ) async throws(IntakeError) -> WebhookAnswer {
        var isRepeat = false
        do throws(EventLogError) {
            _ = try await context.store.append([
                StreamWrite(stream: stream, expected: .none, events: [event])
            ])
        } catch {
            switch error.code {
            // The same delivery came twice at the same time, and the other one was first.
            case .wrongExpectedRevision: isRepeat = true
            case .tooLarge: throw IntakeError(.tooLarge, error.message)
            case .conditionFailed, .identityConflict, .invalid, .diskFull, .inputOutput, .corrupt,
                .locked, .newerFormat, .closed, .missing, .exists, .standby, .signingRefused:
                throw IntakeError(.unavailable, error.message)
            }
        }
        guard let first = try first(of: stream) else {
            throw IntakeError(.unavailable, "the event cannot be read back")
        }
        return try answer(to: first, isRepeat: isRepeat)
    }

    private func keep(
        _ bytes: [UInt8],
        under reference: SecretReference
    ) async throws(IntakeError) {
        do throws(SecretError) {
            try await secrets.keep(bytes, under: reference)
        } catch {
            throw IntakeError(.unavailable, error.message)
        }
    }
}

extension Intake {
    /// The configured secret, or the token that came with a handshake.
    private func secret(of source: WebhookSource) async throws(IntakeError) -> String? {
        if let secret = source.secret { return secret }
        guard let reference = Handshake.reference(source) else { return nil }
        do throws(SecretError) {
            return try await secrets.secret(reference).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw IntakeError(.unavailable, error.message)
        }
    }

    private func takeHandshake(
        _ token: String,
        _ delivery: WebhookDelivery,
        _ source: WebhookSource
    ) async throws(IntakeError) -> WebhookAnswer {
        guard let reference = Handshake.reference(source) else {
            throw IntakeError(.malformed, "'\(source.name)' cannot name a secret")
        }
        try await keep(Array(token.utf8), under: reference)
        let deliveryID = "handshake:\(Digest.sha256(delivery.body).hexadecimal)"
        let stream = Self.stream(source, deliveryID)
        if let first = try first(of: stream) { return try answer(to: first, isRepeat: true) }
        return try await append(
            ProposedEvent(
                id: context.configuration.makeIdentifier(delivery.receivedAt ?? context.time.now),
                type: WebhookEvents.receivedType,
                actor: "webhook:\(source.name)",
                data: .map([
                    "source": .string(source.name),
                    "event": "handshake",
                    "delivery_id": .string(deliveryID),
                    "headers": .map([:]),
                    "payload": ["verification_token": .string(reference.description)],
                ])
            ),
            to: stream
        )
    }

    /// Records a refusal, if the source has not used up its events of this minute.
    private func record(
        _ error: IntakeError,
        of delivery: WebhookDelivery,
        at now: Timestamp
    ) async {
        context.logger.warning(
            "a webhook was refused",
            metadata: ["source": "\(delivery.source)", "reason": "\(error.message)"]
        )
        // When the log or the secrets are not there, a refusal would not get in either.
        guard error.code != .unavailable else { return }
        // Anybody can make up names of sources, so those share one budget and one stream.
        let name = error.code == .unknownSource ? "unknown_source" : delivery.source
        guard let leftOut = budget.take(source: name, at: now) else { return }
        let digest = Digest.sha256(delivery.body).hexadecimal
        let event = ProposedEvent(
            id: context.configuration.makeIdentifier(now),
            type: WebhookEvents.refusedType,
            actor: "webhook:\(name)",
            data: .map([
                "source": .string(String(delivery.source.prefix(100))),
                "code": .string(error.code.rawValue),
                "reason": .string(error.message),
                "body_digest": .string(digest),
                "left_out": .int(Int64(leftOut)),
            ])
        )
        let write = StreamWrite(
            stream: StreamName(category: "webhook", name),
            expected: .any,
            events: [event]
        )
        do throws(EventLogError) {
            _ = try await context.store.append([write])
        } catch {
            context.logger.error("a refusal is not recorded", metadata: ["error": "\(error)"])
        }
    }
}
