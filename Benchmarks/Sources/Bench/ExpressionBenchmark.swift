import CEL
import EventModel

/// Conditions and templates as workflows have them, compiled once and evaluated often, on one core.
enum ExpressionBenchmark {
    private static let count = 200_000

    private static let variables: ValueMap = [
        "input": [
            "amount": 120, "service": "exhibition", "name": "Ana", "email": "ana@example.org",
            "tags": ["new", "vip"], "starts_at": "2026-12-01T10:00:00Z",
        ],
        "steps": ["client": ["id": "2b4c", "status": "active"], "price": ["total": 49.5]],
        "trigger": ["kind": "webhook", "source": "bookings"], "vars": [:],
        "now": .timestamp(Timestamp(seconds: 1_796_119_200)),
    ]

    static func run(rounds: Int) throws -> [Measurement] {
        let condition = try Expression.compile(
            "input.amount > 100 && input.service == 'exhibition'"
        )
        let macro = try Expression.compile(
            "steps.client.status in ['active', 'new'] && input.tags.exists(t, t == 'vip')"
        )
        let template = try Interpolation.compile(
            "Dear {{ input.name }}, your {{ input.service }} costs {{ steps.price.total }}"
        )
        return [
            try measure("cel.condition", rounds) {
                try condition.evaluate(variables) == .bool(true) ? 1 : 0
            },
            try measure("cel.macro", rounds) {
                try macro.evaluate(variables) == .bool(true) ? 1 : 0
            },
            try measure("cel.template", rounds) {
                try template.evaluate(variables).stringValue?.utf8.count ?? 0
            },
            try measure("cel.compile", rounds) {
                try Expression.compile("input.amount > 100 && input.service == 'a'").source
                    .utf8.count
            },
        ]
    }

    private static func measure(
        _ name: String,
        _ rounds: Int,
        _ work: () throws -> Int
    ) throws -> Measurement {
        var rates: [Double] = []
        var checksum = 0
        for _ in 0..<rounds {
            let seconds = try Stopwatch.seconds {
                for _ in 0..<count { checksum &+= try work() }
            }
            rates.append(Double(count) / seconds)
        }
        // Used, so that no compiler may leave the work out.
        guard checksum > 0 else { throw WrongResult(name: name) }
        return Measurement(
            name: name,
            value: Stopwatch.median(rates),
            unit: "per second",
            reference: nil,
            settings: ["count": .int(Int64(count))]
        )
    }

    private struct WrongResult: Error {
        var name: String
    }
}
