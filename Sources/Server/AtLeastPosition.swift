import EventLog
import EventModel
import HTTPTypes
import Hummingbird

/// Lets a request wait until the log has come as far as its header `Daybook-At-Least` says, and
/// tells in `Daybook-Position` how far the log has come.
struct AtLeastPosition<Context: RequestContext>: RouterMiddleware {
    /// How long a request waits at the most.
    private static var waitMax: Duration { .seconds(10) }

    let store: any EventStore

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let name = HTTPField.Name("Daybook-At-Least"), let text = request.headers[name] {
            guard let wanted = UInt64(text) else {
                throw HTTPError(
                    .badRequest,
                    message: "Daybook-At-Least is '\(text)', which is no position of the log"
                )
            }
            let isThere = try await store.waitUntilVisible(
                Position(wanted),
                atMost: AtLeastPosition.waitMax
            )
            guard isThere else {
                return .failure(
                    .serviceUnavailable,
                    code: "not_visible",
                    message: "the log ends at \(store.head), and \(wanted) did not come within "
                        + "10 seconds; is the position right?"
                )
            }
        }
        var response = try await next(request, context)
        if let name = HTTPField.Name("Daybook-Position") {
            response.headers[name] = String(store.head.value)
        }
        return response
    }
}
