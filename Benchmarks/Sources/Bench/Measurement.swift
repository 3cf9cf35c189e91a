import EventModel

/// One number with what it was measured against in the same run.
struct Measurement {
    var name: String
    /// In units, more is better.
    var value: Double
    var unit: String
    /// The same thing done by the reference; nil if there is none.
    var reference: Double?
    var settings: ValueMap

    /// The line that other programs read.
    var json: Value {
        .map([
            "name": .string(name),
            "value": .double(value.rounded()),
            "unit": .string(unit),
            "reference": reference.map { .double($0.rounded()) } ?? .null,
            "ratio": ratio.map { .double(($0 * 1000).rounded() / 1000) } ?? .null,
            "settings": .map(settings),
        ])
    }

    /// The line that people read.
    var text: String {
        let beside = reference.map { ", reference \(Int($0))" } ?? ""
        let share = ratio.map { ", ratio \(($0 * 100).rounded() / 100)" } ?? ""
        return "\(name): \(Int(value)) \(unit)\(beside)\(share)"
    }

    private var ratio: Double? { reference.map { value / $0 } }
}

/// Times work; the middle of several rounds counts, so that one hiccup does not.
enum Stopwatch {
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    }

    static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try work()
        return (clock.now - start) / .seconds(1)
    }
}
