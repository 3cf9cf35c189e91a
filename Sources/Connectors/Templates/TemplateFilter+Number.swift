import EventModel
import Foundation

extension TemplateFilter {
    /// Filters about numbers and instants.
    static let numberFilters: [String: TemplateFilter] = [
        "round": TemplateFilter(["precision", "method"]) { input throws(TemplateError) in
            try rounded(input)
        },
        "int": TemplateFilter(["default"]) { input in
            if let number = whole(input.subject) { return TemplateValue(.int(number)) }
            return input.arguments["default"] ?? TemplateValue(.int(0))
        },
        "float": TemplateFilter(["default"]) { input in
            if let number = number(input.subject) { return TemplateValue(.double(number)) }
            return input.arguments["default"] ?? TemplateValue(.double(0))
        },
        "abs": TemplateFilter { input throws(TemplateError) in
            if let whole = input.subject.value?.intValue, whole != .min {
                return TemplateValue(.int(abs(whole)))
            }
            guard let number = input.subject.value?.doubleValue else {
                throw input.place.error(.evaluation, "'abs' wants a number")
            }
            return TemplateValue(.double(abs(number)))
        },
        "sum": TemplateFilter(["attribute", "start"]) { input throws(TemplateError) in
            var sum = input.arguments["start"] ?? TemplateValue(.int(0))
            for element in try input.elements() {
                let next = attribute(input.arguments["attribute"], of: element)
                sum = try TemplateArithmetic(input.place).apply(.add, sum, next)
            }
            return sum
        },
        "min": TemplateFilter(["attribute"]) { input throws(TemplateError) in
            try extreme(input, wantsLeast: true)
        },
        "max": TemplateFilter(["attribute"]) { input throws(TemplateError) in
            try extreme(input, wantsLeast: false)
        },
        "filesizeformat": TemplateFilter { input throws(TemplateError) in
            guard let bytes = input.subject.value?.doubleValue else {
                throw input.place.error(.evaluation, "'filesizeformat' wants a number")
            }
            return TemplateValue(.string(fileSize(bytes)))
        },
        "date": TemplateFilter(["format", "time_zone"]) { input throws(TemplateError) in
            try TemplateDate(input).formatted()
        },
    ]

    private static func whole(_ value: TemplateValue) -> Int64? {
        if let number = value.value?.intValue { return number }
        if case .bool(let truth) = value.value { return truth ? 1 : 0 }
        return number(value).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
    }

    private static func number(_ value: TemplateValue) -> Double? {
        if case .string(let text) = value.value { return Double(TemplateText.trimmed(text)) }
        return value.value?.doubleValue
    }

    /// As Python rounds: to the nearest, halves of the exact binary value to even.
    private static func rounded(_ input: Input) throws(TemplateError) -> TemplateValue {
        let precision = try input.integer("precision", default: 0)
        let method = input.text("method", default: "common")
        guard ["common", "ceil", "floor"].contains(method), (-15...15).contains(precision) else {
            let message = "'method' is common, ceil or floor, and 'precision' -15 to 15"
            throw input.place.error(.evaluation, message)
        }
        if input.subject.value?.intValue != nil, precision >= 0, method == "common" {
            return input.subject
        }
        guard let number = input.subject.value?.doubleValue else {
            let kind = input.subject.value?.typeName ?? "nothing"
            throw input.place.error(.evaluation, "'round' wants a number, not a \(kind)")
        }
        let scale = pow(10, Double(precision))
        switch method {
        case "ceil": return TemplateValue(.double((number * scale).rounded(.up) / scale))
        case "floor": return TemplateValue(.double((number * scale).rounded(.down) / scale))
        default:
            guard precision >= 0, number.isFinite else {
                let result = (number * scale).rounded(.toNearestOrEven) / scale
                return TemplateValue(.double(result))
            }
            let text = String(format: "%.\(precision)f", number)
            return TemplateValue(.double(Double(text) ?? number))
        }
    }

    private static func extreme(
        _ input: Input,
        wantsLeast: Bool
    ) throws(TemplateError) -> TemplateValue {
        var best: (key: Value?, element: Value)?
        for element in try input.elements() {
            let key = attribute(input.arguments["attribute"], of: element).value
            guard let current = best else {
                best = (key, element)
                continue
            }
            let (left, right) = wantsLeast ? (key, current.key) : (current.key, key)
            guard let isBetter = TemplateValue.isLess(left, right) else {
                throw input.place.error(.evaluation, "these elements cannot be ordered")
            }
            if isBetter { best = (key, element) }
        }
        return TemplateValue(best?.element)
    }

    private static func fileSize(_ bytes: Double) -> String {
        if bytes == 1 { return "1 Byte" }
        if bytes < 1000 { return "\(Int(bytes)) Bytes" }
        var size = bytes
        for unit in ["kB", "MB", "GB", "TB"] {
            size /= 1000
            if size < 1000 { return String(format: "%.1f %@", size, unit) }
        }
        return String(format: "%.1f PB", size / 1000)
    }
}
