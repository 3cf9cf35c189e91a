import EventModel
import Hummingbird
import Runtime

extension DaybookServer {
    /// `POST /webhooks/workflow/{source}`: verified, deduplicated, appended, then answered.
    func addWebhookRoutes(to router: Router<BasicRequestContext>) {
        router.post("/webhooks/workflow/:source") { request, context in
            let source = try context.parameters.require("source")
            let body = try await request.bytes(max: configuration.bodyBytesMax)
            let headers = request.headers.map { ($0.name.canonicalName, $0.value) }
            let delivery = WebhookDelivery(source: source, headers: headers, body: body)
            do throws(IntakeError) {
                let answer = try await engine.receive(delivery)
                return Response.json(Self.body(of: answer))
            } catch {
                return Self.refusal(error)
            }
        }
    }

    private static func body(of answer: WebhookAnswer) -> Value {
        let started = answer.started.map { start -> Value in
            [
                "workflow": .string(start.workflow),
                "workflow_id": .string(start.instance.description),
                "status": "started",
            ]
        }
        var body: ValueMap = [
            "event_id": .string(answer.event.description),
            "position": .uint(answer.position.value),
            "instances": .list(started),
        ]
        // The roadmap's callers look for the two words at the top.
        if let first = answer.started.first {
            body["workflow_id"] = .string(first.instance.description)
            body["status"] = "started"
        } else {
            body["status"] = "accepted"
        }
        return .map(body)
    }

    private static func refusal(_ error: IntakeError) -> Response {
        let status: HTTPResponse.Status =
            switch error.code {
            case .unknownSource: .notFound
            case .badSignature, .stale: .unauthorized
            case .malformed: .badRequest
            case .tooLarge: .contentTooLarge
            case .unavailable: .serviceUnavailable
            }
        return .failure(status, code: error.code.rawValue, message: error.message)
    }
}
