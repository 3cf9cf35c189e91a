import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Takes webhooks in: checks who sent them, puts their secrets apart, records them once.
///
/// The id of a delivery's event is derived from the delivery's own id, so a delivery that comes twice is
/// recognised by the log itself, for ever, and gets the first answer.
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
        return try await append(reading, from: source)
    }

    private func append(
        _ reading: DeliveryReading,
        from source: WebhookSource
    ) async throws(IntakeError) -> WebhookAnswer {
        let event = DerivedIdentity.webhook(source: source.name, delivery: reading.deliveryID)
        let extraction = try SecretExtraction(
            paths: try secretPaths(of: source),
            of: reading.payload,
            event: event
        )
        for (reference, bytes) in extraction.secrets { try await keep(bytes, under: reference) }
        let result = try await append(
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
            source: source
        )
        return try answer(result)
    }

    /// What stands in the log decides the answer, so that a repeat has the same one.
    private func answer(_ result: AppendResult) throws(IntakeError) -> WebhookAnswer {
        do {
            let found = try context.store.read(
                from: result.lastPosition,
                direction: .forward,
                limit: 1,
                filter: .all
            )
            guard let event = found.first else {
                throw IntakeError(.unavailable, "the event cannot be read back")
            }
            let match = TriggerMatch(store: context.store, logger: context.logger)
            let starts = try match.starts(of: event, in: try registry.current())
            let fitting = starts.filter { start in
                start.definition.inputProblems(start.command.input).isEmpty
            }
            return WebhookAnswer(
                event: event.id,
                position: event.position,
                isRepeat: result.isRepeat,
                started: fitting.map { start in
                    WebhookAnswer.StartedInstance(
                        workflow: start.definition.name,
                        instance: start.instance
                    )
                }
            )
        } catch let error as IntakeError {
            throw error
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
        source: WebhookSource
    ) async throws(IntakeError) -> AppendResult {
        do throws(EventLogError) {
            return try await context.store.append([
                StreamWrite(
                    stream: StreamName(category: "webhook", source.name),
                    expected: .any,
                    events: [event]
                )
            ])
        } catch {
            let code: IntakeError.Code = error.code == .tooLarge ? .tooLarge : .unavailable
            throw IntakeError(code, error.message)
        }
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
        let result = try await append(
            ProposedEvent(
                id: DerivedIdentity.webhook(source: source.name, delivery: deliveryID),
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
            source: source
        )
        return try answer(result)
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
        guard let leftOut = budget.take(source: delivery.source, at: now) else { return }
        let digest = Digest.sha256(delivery.body).hexadecimal
        let event = ProposedEvent(
            id: RandomIdentity.next(at: now),
            type: WebhookEvents.refusedType,
            actor: "webhook:\(delivery.source)",
            data: .map([
                "source": .string(delivery.source),
                "code": .string(error.code.rawValue),
                "reason": .string(error.message),
                "body_digest": .string(digest),
                "left_out": .int(Int64(leftOut)),
            ])
        )
        let write = StreamWrite(
            stream: StreamName(category: "webhook", delivery.source),
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
