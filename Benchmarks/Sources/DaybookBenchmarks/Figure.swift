import EventModel

/// One measured figure beside its reference, measured in the same call on the same disk.
struct Figure {
    let name: String
    let value: Double
    let unit: String
    let reference: Double?
    let settings: String

    var ratio: Double? { reference.map { value / $0 } }

    var json: String {
        var members: ValueMap = [
            "name": .string(name), "value": .double(value), "unit": .string(unit),
            "settings": .string(settings),
        ]
        if let reference { members["reference"] = .double(reference) }
        if let ratio { members["ratio"] = .double(ratio) }
        return (try? JSON.text(.map(members))) ?? "{}"
    }

    var text: String {
        let ratio = ratio.map { "  \(Self.rounded($0)) × the reference (\(Int(reference ?? 0)))" } ?? ""
        return "\(name): \(Int(value)) \(unit)\(ratio)  [\(settings)]"
    }

    private static func rounded(_ number: Double) -> String {
        String(Double(Int(number * 100 + 0.5)) / 100)
    }
}

/// The middle of several runs.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
