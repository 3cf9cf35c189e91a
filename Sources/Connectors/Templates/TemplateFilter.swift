import EventModel
import Foundation

/// What stands behind a bar, as in `name|upper`.
///
/// Those with `$` are what operators are translated to.
struct TemplateFilter: Sendable {
    /// What a filter is given.
    struct Call {
        var subject: TemplateValue
        var arguments: [TemplateValue]
        /// The variable `time_zone`.
        var zone = ""
        /// What the text may still grow by.
        var bytesMax = 0

        /// An argument; missing if it was left out.
        subscript(_ index: Int) -> TemplateValue {
            arguments.indices.contains(index) ? arguments[index] : TemplateValue(nil)
        }

        func text(_ index: Int, default other: String) -> String {
            self[index].isMissing ? other : self[index].text
        }

        func integer(_ index: Int, default other: Int) throws(TemplateFailure) -> Int {
            guard !self[index].isMissing else { return other }
            guard let number = self[index].value?.intValue, let number = Int32(exactly: number)
            else {
                throw TemplateFailure(.evaluation, "'\(self[index].text)' is no whole number")
            }
            return Int(number)
        }

        /// Asks for room before a filter makes more text than it was given.
        func reserve(_ count: Int, times: Int) throws(TemplateFailure) {
            let (bytes, isOverflow) = count.multipliedReportingOverflow(by: times)
            guard isOverflow || bytes > bytesMax else { return }
            throw TemplateFailure(.limit, "the text exceeds its limit; give it less data")
        }

        func elements() throws(TemplateFailure) -> [Value] {
            guard let elements = subject.elements else {
                throw TemplateFailure(.evaluation, "a list is wanted, not '\(subject.text)'")
            }
            return elements
        }

        /// The elements with the member of each that a dotted path leads to.
        func keyed(by index: Int) throws(TemplateFailure) -> [(key: TemplateValue, element: Value)]
        {
            let path = self[index].text.split(separator: ".").map(String.init)
            return try elements().map { element in
                let key = path.reduce(TemplateValue(element)) { value, member in
                    TemplateValue(any: value[dynamicMember: member])
                }
                return (key, element)
            }
        }
    }

    typealias Body = @Sendable (Call) throws(TemplateFailure) -> Value?

    /// In the order in which they can be given without names.
    let parameters: [String]
    let requiredCount: Int
    let apply: @Sendable (Call) throws(TemplateFailure) -> TemplateValue

    init(_ parameters: [String] = [], required: Int = 0, _ body: @escaping Body) {
        self.parameters = parameters
        requiredCount = required
        apply = { call throws(TemplateFailure) in TemplateValue(try body(call)) }
    }

    /// One that changes a text, which stays as safe as it was.
    private init(text change: @escaping @Sendable (String) -> String) {
        parameters = []
        requiredCount = 0
        apply = { call in
            TemplateValue(.string(change(call.subject.text)), isSafe: call.subject.isSafe)
        }
    }

    /// One that gives one of the values that it is given, or makes markup.
    private init(
        _ parameters: [String] = [],
        value body: @escaping @Sendable (Call) -> TemplateValue
    ) {
        self.parameters = parameters
        requiredCount = 0
        apply = body
    }

    /// Every filter there is.
    static let all = texts.merging(lists) { first, _ in first }
        .merging(numbers) { first, _ in first }.merging(operators) { first, _ in first }

    private static let upper = TemplateFilter(text: { $0.uppercased() })
    private static let lower = TemplateFilter(text: { $0.lowercased() })
    private static let escape = TemplateFilter {
        TemplateValue(.string($0.subject.markup), isSafe: true)
    }
    /// Unlike Jinja's it also fills a null, which in an event means that nothing is there.
    private static let orElse = TemplateFilter(
        ["default_value", "boolean"],
        value: { call in
            let isWanted = call[1].isTrue ? !call.subject.isTrue : call.subject.isMissing
            return isWanted ? call[0] : call.subject
        }
    )

    private static let texts: [String: TemplateFilter] = [
        "upper": upper, "uppercase": upper, "lower": lower, "lowercase": lower,
        "escape": escape, "e": escape, "default": orElse, "d": orElse,
        "safe": TemplateFilter(value: { TemplateValue($0.subject.value, isSafe: true) }),
        "trim": TemplateFilter(text: trimmed),
        "capitalize": TemplateFilter(text: capitalized),
        // A capital after every space, hyphen and opening bracket.
        "title": TemplateFilter(text: { text in
            text.replacing(#/[^\s\-(\[{<]+/#) { capitalized(String($0.output)) }
        }),
        "replace": TemplateFilter(["old", "new", "count"], required: 2) {
            call throws(TemplateFailure) in
            let (text, old) = (call.subject.text, call[0].text)
            guard !old.isEmpty else { throw TemplateFailure(.evaluation, "nothing to replace") }
            let count = max(0, try call.integer(2, default: .max))
            try call.reserve(call[1].text.utf8.count, times: text.utf8.count / old.utf8.count)
            return .string(text.replacing(old, with: call[1].text, maxReplacements: count))
        },
        "truncate": TemplateFilter(["length", "killwords", "end", "leeway"]) {
            call throws(TemplateFailure) in
            let (text, end) = (call.subject.text.unicodeScalars, call.text(2, default: "..."))
            let length = try call.integer(0, default: 255)
            guard text.count > length + (try call.integer(3, default: 5)) else {
                return .string(String(text))
            }
            var kept = text.prefix(max(0, length - end.unicodeScalars.count))
            if !call[1].isTrue, let space = kept.lastIndex(of: " ") { kept = kept[..<space] }
            return .string(String(kept) + end)
        },
        "wordcount": TemplateFilter { .int(Int64($0.subject.text.matches(of: #/\w+/#).count)) },
        "urlencode": TemplateFilter { call in
            let plain = CharacterSet(
                charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~/"
            )
            return call.subject.text.addingPercentEncoding(withAllowedCharacters: plain)
                .map { .string($0) }
        },
    ]

    static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        let rest = String(text.unicodeScalars.dropFirst())
        return first.properties.titlecaseMapping + rest.lowercased()
    }

    private static let length = TemplateFilter { call throws(TemplateFailure) in
        .int(Int64(try call.elements().count))
    }

    private static let lists: [String: TemplateFilter] = [
        "length": length, "count": length,
        "first": TemplateFilter { call throws(TemplateFailure) in try call.elements().first },
        "last": TemplateFilter { call throws(TemplateFailure) in try call.elements().last },
        "join": TemplateFilter(["d", "attribute"]) { call throws(TemplateFailure) in
            let (texts, separator) = (try call.keyed(by: 1).map(\.key.text), call[0].text)
            try call.reserve(separator.utf8.count, times: texts.count)
            return .string(texts.joined(separator: separator))
        },
        "reverse": TemplateFilter { call throws(TemplateFailure) in
            let elements = Array(try call.elements().reversed())
            guard case .string = call.subject.value else { return .list(elements) }
            return .string(elements.compactMap(\.stringValue).joined())
        },
        "sort": TemplateFilter(["reverse", "case_sensitive", "attribute"]) {
            call throws(TemplateFailure) in
            func key(_ value: TemplateValue) -> TemplateValue {
                guard case .string(let text) = value.value, !call[1].isTrue else { return value }
                return TemplateValue(.string(text.lowercased()))
            }
            let keyed = try call.keyed(by: 2).map { (key: key($0.key), element: $0.element) }
            let sorted = keyed.sorted { left, right in
                let (first, second) = call[0].isTrue ? (right, left) : (left, right)
                return TemplateValue.isLess(first.key, second.key) ?? false
            }
            return .list(sorted.map(\.element))
        },
        "sum": TemplateFilter(["attribute"]) { call throws(TemplateFailure) in
            try call.keyed(by: 0).reduce(.int(0)) { sum, next in
                if let left = sum?.intValue, let right = next.key.value?.intValue {
                    let (whole, isOverflow) = left.addingReportingOverflow(right)
                    if !isOverflow { return .int(whole) }
                }
                return .double((sum?.doubleValue ?? 0) + (next.key.value?.doubleValue ?? 0))
            }
        },
    ]

    private static func number(_ value: TemplateValue) -> Double? {
        value.value?.doubleValue ?? Double(trimmed(value.text))
    }

    private static let numbers: [String: TemplateFilter] = [
        "int": TemplateFilter(["default"]) { call in
            if let number = call.subject.value?.intValue { return .int(number) }
            let whole = number(call.subject).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
            return whole.map { .int($0) } ?? call[0].value ?? .int(0)
        },
        "abs": TemplateFilter { call in
            if let whole = call.subject.value?.intValue, whole != .min { return .int(abs(whole)) }
            return number(call.subject).map { .double(abs($0)) }
        },
        "round": TemplateFilter(["precision", "method"]) { call throws(TemplateFailure) in
            let precision = try call.integer(0, default: 0)
            let method = call.text(1, default: "common")
            guard let number = call.subject.value?.doubleValue, number.isFinite else {
                throw TemplateFailure(.evaluation, "'\(call.subject.text)' is no number")
            }
            let rules: [String: FloatingPointRoundingRule] = [
                "common": .toNearestOrEven, "ceil": .up, "floor": .down,
            ]
            guard let rule = rules[method], (-15...15).contains(precision) else {
                let message = "'method' is common, ceil or floor, and 'precision' -15 to 15"
                throw TemplateFailure(.evaluation, message)
            }
            if precision >= 0, method == "common" {
                if call.subject.value?.intValue != nil { return call.subject.value }
                // As Python rounds: halves of the exact binary value to even.
                return Double(String(format: "%.\(precision)f", number)).map { .double($0) }
            }
            let scale = pow(10, Double(precision))
            return .double((number * scale).rounded(rule) / scale)
        },
        "date": TemplateFilter(["format", "time_zone"]) { call throws(TemplateFailure) in
            .string(try TemplateDate.text(of: call))
        },
    ]

    /// What can stand after `is`.
    static let tests: [String: @Sendable (TemplateValue) -> Bool] = [
        "defined": { $0.value != nil }, "undefined": { $0.value == nil },
        "none": { $0.value == .null }, "true": { $0.value == true },
        "false": { $0.value == false },
        "odd": { $0.value?.intValue.map { $0 & 1 == 1 } ?? false },
        "even": { $0.value?.intValue.map { $0 & 1 == 0 } ?? false },
        "string": { $0.value?.stringValue != nil }, "number": { $0.value?.doubleValue != nil },
        "mapping": { $0.value?.mapValue != nil },
        "sequence": { !$0.isMissing && $0.elements != nil },
    ]

    private static let operators: [String: TemplateFilter] = [
        "$not": TemplateFilter { .bool(!$0.subject.isTrue) },
        "$and": TemplateFilter(value: { $0.subject.isTrue ? $0[0] : $0.subject }),
        "$or": TemplateFilter(value: { $0.subject.isTrue ? $0.subject : $0[0] }),
        "$is": TemplateFilter { .bool(tests[$0[0].text]?($0.subject) ?? false) },
        "$item": TemplateFilter(value: { $0.subject.item($0[0].value ?? .null) }),
        "$list": TemplateFilter { .list($0.arguments.map { $0.value ?? .null }) },
        "$minus": TemplateFilter {
            .int(($0.subject.value?.intValue ?? 0) - ($0[0].value?.intValue ?? 0))
        },
        "$concatenate": TemplateFilter { .string($0.subject.text + $0[0].text) },
        "$in": TemplateFilter { call throws(TemplateFailure) in
            if case .string(let text) = call[0].value {
                return .bool(text.contains(call.subject.text))
            }
            let elements = try Call(subject: call[0], arguments: []).elements()
            return .bool(
                elements.contains { TemplateValue.areEqual(call.subject, TemplateValue($0)) }
            )
        },
        "$compare": TemplateFilter { call throws(TemplateFailure) in
            let (symbol, left, right) = (call[0].text, call.subject, call[1])
            if symbol == "==" { return .bool(TemplateValue.areEqual(left, right)) }
            if symbol == "!=" { return .bool(!TemplateValue.areEqual(left, right)) }
            let isTurned = symbol == ">" || symbol == "<="
            let isLess =
                isTurned ? TemplateValue.isLess(right, left) : TemplateValue.isLess(left, right)
            // Nothing is neither more nor less than something, as in Stencil.
            guard let isLess else {
                guard left.isMissing || right.isMissing else {
                    let message = "'\(left.text)' and '\(right.text)' cannot be ordered"
                    throw TemplateFailure(.evaluation, message)
                }
                return .bool(false)
            }
            return .bool(symbol.hasSuffix("=") ? !isLess : isLess)
        },
        "$range": TemplateFilter { call throws(TemplateFailure) in
            let first = call.arguments.count > 1 ? try call.integer(0, default: 0) : 0
            let end = try call.integer(call.arguments.count > 1 ? 1 : 0, default: 0)
            return try numbers(from: first, to: end, by: call.integer(2, default: 1))
        },
        "$span": TemplateFilter { call throws(TemplateFailure) in
            let end = try call.integer(0, default: 0)
            let first = Int(call.subject.value?.intValue.flatMap { Int32(exactly: $0) } ?? 0)
            let step = first <= end ? 1 : -1
            return try numbers(from: first, to: end + step, by: step)
        },
    ]

    private static func numbers(
        from first: Int,
        to end: Int,
        by step: Int
    ) throws(TemplateFailure) -> Value {
        guard step != 0, (end - first) / step < 10_000 else {
            throw TemplateFailure(.limit, "a range has at most 10000 numbers")
        }
        return .list(stride(from: first, to: end, by: step).map { .int(Int64($0)) })
    }
}
