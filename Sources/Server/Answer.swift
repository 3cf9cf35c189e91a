import EventLog
import EventModel
import Hummingbird
import Logging
import Runtime
import Schedules
import WorkflowEngine

extension Response {
    /// An answer whose body is a value as JSON.
    static func json(_ value: Value, status: HTTPResponse.Status = .ok) -> Response {
        let text = (try? JSON.text(value)) ?? "null"
        return Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }

    /// The one form of every error: `{"error": {"code", "message"}}`.
    static func failure(
        _ status: HTTPResponse.Status,
        code: String,
        message: String
    ) -> Response {
        json(
            ["error": ["code": .string(code), "message": .string(message)]],
            status: status
        )
    }
}

/// Gives errors that nobody caught the one form of every error, and says nothing of their insides.
struct ErrorBody<Context: RequestContext>: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            let isRouteMissing = error.status == .notFound && error.body == nil
            let reason =
                isRouteMissing
                ? "there is nothing at \(request.method) \(request.uri.path)"
                : error.body ?? error.status.reasonPhrase
            return .failure(error.status, code: Self.code(of: error.status), message: reason)
        } catch let error as CommandError {
            return Self.answer(to: error)
        } catch let error as EngineError {
            return Self.answer(to: error)
        } catch let error as ScheduleError {
            return Self.answer(to: error)
        } catch let error as SubjectError {
            let isUnknown = if case .unknown = error { true } else { false }
            return .failure(
                isUnknown ? .notFound : .conflict,
                code: error.code,
                message: error.description
            )
        } catch let error as EventLogError {
            return .failure(
                .serviceUnavailable,
                code: error.code.rawValue,
                message: error.message
            )
        } catch {
            logger.error("a request failed", metadata: ["error": "\(error)"])
            return .failure(
                .internalServerError,
                code: "internal",
                message: "the request failed; the engine's log says why"
            )
        }
    }

    private static func answer(to error: CommandError) -> Response {
        let (status, code): (HTTPResponse.Status, String) =
            switch error {
            case .rejected(let rejection):
                (rejection.code == .missing ? .notFound : .conflict, rejection.code.rawValue)
            case .log(let failure): (.serviceUnavailable, failure.code.rawValue)
            case .unknownWorkflow: (.notFound, "unknown_workflow")
            case .unknownRequest: (.notFound, "unknown_request")
            case .missingDefinition: (.conflict, "missing_definition")
            case .badInput: (.unprocessableContent, "bad_input")
            case .unreadable: (.internalServerError, "unreadable")
            }
        return .failure(status, code: code, message: error.description)
    }

    private static func answer(to error: ScheduleError) -> Response {
        let (status, code): (HTTPResponse.Status, String) =
            switch error {
            case .rejected(let rejection):
                switch rejection.code {
                case .missing: (.notFound, "unknown_schedule")
                case .state: (.conflict, "schedule_state")
                case .input: (.unprocessableContent, "bad_input")
                }
            case .unknown: (.notFound, "unknown_schedule")
            case .badInput: (.unprocessableContent, "bad_input")
            case .unknownZone: (.conflict, "unknown_zone")
            case .unreadable: (.internalServerError, "unreadable")
            case .log(let failure): (.serviceUnavailable, failure.code.rawValue)
            }
        return .failure(status, code: code, message: error.description)
    }

    private static func answer(to error: EngineError) -> Response {
        let (status, code): (HTTPResponse.Status, String) =
            switch error {
            case .unknownDatabase: (.notFound, "unknown_database")
            case .unknownProjection: (.notFound, "unknown_projection")
            case .noRecordSource: (.conflict, "no_record_source")
            case .alreadyRun, .badConfiguration: (.internalServerError, "engine")
            }
        return .failure(status, code: code, message: error.description)
    }

    private static func code(of status: HTTPResponse.Status) -> String {
        status.reasonPhrase.lowercased().split(separator: " ").joined(separator: "_")
    }
}

extension Request {
    /// The whole body; throws 413 with the limit in its message.
    func bytes(max: Int) async throws -> [UInt8] {
        do {
            let buffer = try await body.collect(upTo: max)
            return Array(buffer.readableBytesView)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw HTTPError(.contentTooLarge, message: "the body is longer than \(max) bytes")
        }
    }

    /// The body as a JSON object; an empty one is an empty object.
    func json(max: Int) async throws -> Value {
        let bytes = try await bytes(max: max)
        guard !bytes.isEmpty else { return .map(ValueMap()) }
        let value: Value
        do {
            value = try JSON.parse(bytes: bytes)
        } catch {
            throw HTTPError(.badRequest, message: "the body is no JSON: \(error)")
        }
        guard value.mapValue != nil else {
            throw HTTPError(.badRequest, message: "the body must be a JSON object")
        }
        return value
    }
}
