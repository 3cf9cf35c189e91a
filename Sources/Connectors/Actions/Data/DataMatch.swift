public import EventModel
public import WorkflowEngine

/// `data.match`: which candidates fit best what is wanted.
public struct DataMatch: ActionHandler {
    public init() {}

    public let descriptor = ActionDescriptor(
        name: "data.match",
        aliases: [
            "recommend_services", "assign_consulting_team", "select_members_by_interest",
            "select_responsible_agent", "qualify_lead",
        ],
        summary: "Ranks candidates by how much of what is wanted they have.",
        discussion: """
            `wanted` maps a field of the candidates to a value or a list of values. A candidate's \
            score is the part of all wanted values that it has, 0 to 1, words compared without case; \
            `weights` makes fields count more. Of equal scores the one with less `load_field` comes \
            first, then the earlier one. Candidates below `threshold` are left out. With nothing \
            wanted every candidate scores 1.
            """,
        inputs: [
            ActionField("candidates", .list, required: true, "at most 10,000"),
            ActionField("wanted", .map, required: true, "field to value or values"),
            ActionField("weights", .map, "field to a number; 1 if not given"),
            ActionField("load_field", .string, "a number of the candidates, less is better"),
            ActionField("threshold", .number, "the least score, 0 if not given"),
            ActionField("limit", .integer, "how many at the most, 1 to 1000; 10 if not given"),
        ],
        outputs: [
            ActionField("matches", .list, required: true, "candidate, score; the best first"),
            ActionField("best", .any, required: true, "the best candidate, or null"),
            ActionField("confidence", .number, required: true, "its score, or 0"),
            ActionField("count", .integer, required: true, "how many reach the threshold"),
        ],
        effect: .none
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let candidates = try DataItems.list(input, "candidates")
        let wanted = try input.map("wanted")
        let weights = try input.optionalMap("weights") ?? ValueMap()
        let loadField = try input.optionalText("load_field")
        let threshold = input.members["threshold"]?.doubleValue ?? 0
        let limit = try input.integer("limit", default: 10, in: 1...1_000)
        let scored = candidates.enumerated().map { index, candidate in
            (
                index: index, candidate: candidate,
                score: Self.score(candidate, wanted, weights),
                load: loadField.flatMap { candidate.at(path: $0)?.doubleValue } ?? 0
            )
        }
        let ranked = scored.filter { $0.score >= threshold }.sorted { left, right in
            (-left.score, left.load, left.index) < (-right.score, right.load, right.index)
        }
        let matches = ranked.prefix(limit).map { entry -> Value in
            ["candidate": entry.candidate, "score": .double(entry.score)]
        }
        return [
            "matches": .list(matches), "best": ranked.first?.candidate ?? .null,
            "confidence": .double(ranked.first?.score ?? 0), "count": .int(Int64(ranked.count)),
        ]
    }

    private static func score(
        _ candidate: Value,
        _ wanted: ValueMap,
        _ weights: ValueMap
    ) -> Double {
        var all = 0.0
        var met = 0.0
        for field in wanted.stringKeys {
            let values = wanted[field].map { $0.listValue ?? [$0] } ?? []
            let weight = max(0, weights[field]?.doubleValue ?? 1)
            let found = candidate.at(path: field)
            let has = Set((found?.listValue ?? found.map { [$0] } ?? []).map(normal))
            for value in values where !value.isNull {
                all += weight
                if has.contains(normal(value)) { met += weight }
            }
        }
        return all == 0 ? 1 : met / all
    }

    private static func normal(_ value: Value) -> Value {
        value.stringValue.map { .string($0.lowercased()) } ?? value
    }
}
