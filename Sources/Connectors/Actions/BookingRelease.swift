public import EventModel
public import WorkflowEngine

/// `booking.release`: gives back what the instance has reserved.
public struct BookingRelease: ActionHandler {
    public init() {}

    private static let triesMax = 5

    public let descriptor = ActionDescriptor(
        name: "booking.release",
        summary: "Gives back the reservations that this instance holds.",
        discussion: "All of them, or those of the given resources, in one append.",
        inputs: [
            ActionField("resource_ids", .list, "only these resources; all if not given")
        ],
        outputs: [
            ActionField("released", .integer, required: true, "how many reservations ended")
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let resources = try ActionInput(request).optionalTexts("resource_ids").map(Set.init)
        let ledger = BookingLedger(request: request, services: services)
        var conflict: ActionFailure?
        for _ in 1...BookingRelease.triesMax {
            let book = try await ledger.holderBook()
            let held = book.standing.filter { resources?.contains($0.resource) ?? true }
            do throws(ActionFailure) {
                try await ledger.release(held, holderBook: book)
                return ["released": .int(Int64(held.count))]
            } catch {
                guard error.code == "conflict" else { throw error }
                conflict = error
            }
        }
        throw conflict ?? BookingConflict.exhausted
    }
}

/// What a booking says when others were always faster.
enum BookingConflict {
    static let exhausted = ActionFailure(
        code: "conflict",
        message: "the reservations changed at every try; try again",
        isRetryable: true
    )
}
