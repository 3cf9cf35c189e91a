import EventModel

/// What stands behind `is`: `phone is defined`.
struct TemplateTest: Sendable {
    var takesArgument: Bool
    var holds:
        @Sendable (TemplateValue, TemplateValue, TemplateRenderer, TemplatePlace)
            throws(TemplateError) -> Bool

    private init(_ holds: @escaping @Sendable (TemplateValue) -> Bool) {
        takesArgument = false
        self.holds = { subject, _, _, _ in holds(subject) }
    }

    private init(_ relation: TemplateComparison.Relation) {
        takesArgument = true
        holds = { subject, argument, renderer, place throws(TemplateError) in
            try renderer.holds(relation, subject, argument, place)
        }
    }

    /// Every test there is.
    static let all: [String: TemplateTest] = [
        "defined": TemplateTest { $0.value != nil },
        "undefined": TemplateTest { $0.value == nil },
        "none": TemplateTest { $0.value == .null },
        "string": TemplateTest { $0.value?.stringValue != nil },
        "number": TemplateTest { $0.value?.doubleValue != nil },
        "integer": TemplateTest { $0.value?.intValue != nil },
        "float": TemplateTest { if case .double = $0.value { true } else { false } },
        "boolean": TemplateTest { $0.value?.boolValue != nil },
        "true": TemplateTest { $0.value == true },
        "false": TemplateTest { $0.value == false },
        "mapping": TemplateTest { $0.value?.mapValue != nil },
        "sequence": TemplateTest { $0.value != nil && $0.elements != nil },
        "iterable": TemplateTest { $0.elements != nil },
        "escaped": TemplateTest(\.isSafe),
        "lower": TemplateTest {
            $0.text == $0.text.lowercased() && $0.text != $0.text.uppercased()
        },
        "upper": TemplateTest {
            $0.text == $0.text.uppercased() && $0.text != $0.text.lowercased()
        },
        "odd": TemplateTest { $0.value?.intValue.map { !$0.isMultiple(of: 2) } ?? false },
        "even": TemplateTest { $0.value?.intValue.map { $0.isMultiple(of: 2) } ?? false },
        "divisibleby": divisible,
        "eq": TemplateTest(.equal), "equalto": TemplateTest(.equal), "sameas": TemplateTest(.equal),
        "ne": TemplateTest(.notEqual), "lt": TemplateTest(.less), "lessthan": TemplateTest(.less),
        "le": TemplateTest(.lessOrEqual), "gt": TemplateTest(.greater),
        "greaterthan": TemplateTest(.greater), "ge": TemplateTest(.greaterOrEqual),
        "in": TemplateTest(.within),
    ]

    private static var divisible: TemplateTest {
        var test = TemplateTest(.equal)
        test.holds = { subject, argument, _, place throws(TemplateError) in
            guard let number = subject.value?.intValue, let divisor = argument.value?.intValue,
                divisor != 0
            else {
                throw place.error(.evaluation, "'divisibleby' wants two whole numbers, not 0")
            }
            return number.isMultiple(of: divisor)
        }
        return test
    }
}

/// The few methods of Python's texts and maps that templates use: `order.items()`.
enum TemplateMethod {
    typealias Call =
        @Sendable (TemplateValue, [TemplateValue], TemplateRenderer, TemplatePlace)
        throws(TemplateError) -> TemplateValue

    static let all: [String: Call] = [
        "items": { subject, _, _, place throws(TemplateError) in
            let map = try map(subject, place)
            return TemplateValue(
                .list(map.entries.map { .list([TemplateText.value($0.key), $0.value]) })
            )
        },
        "keys": { subject, _, _, place throws(TemplateError) in
            let map = try map(subject, place)
            return TemplateValue(.list(map.entries.map { TemplateText.value($0.key) }))
        },
        "values": { subject, _, _, place throws(TemplateError) in
            TemplateValue(.list(try map(subject, place).entries.map(\.value)))
        },
        "get": { subject, given, _, place throws(TemplateError) in
            let map = try map(subject, place)
            guard let key = given.first?.value.flatMap(TemplateText.key) else { return .undefined }
            return map[key].map { TemplateValue($0) } ?? (given.count > 1 ? given[1] : .undefined)
        },
        "upper": { subject, _, _, _ in subject.changed { $0.uppercased() } },
        "lower": { subject, _, _, _ in subject.changed { $0.lowercased() } },
        "strip": { subject, _, _, _ in subject.changed(TemplateText.trimmed) },
        "startswith": { subject, given, _, _ in
            TemplateValue(.bool(subject.text.hasPrefix(given.first?.text ?? "")))
        },
        "endswith": { subject, given, _, _ in
            TemplateValue(.bool(subject.text.hasSuffix(given.first?.text ?? "")))
        },
        "split": { subject, given, _, _ in
            let parts =
                given.first.map { TemplateText.parts(of: subject.text, separator: $0.text) }
                ?? subject.text.split(whereSeparator: \.isWhitespace).map(String.init)
            return TemplateValue(.list(parts.map { .string($0) }))
        },
    ]

    private static func map(
        _ subject: TemplateValue,
        _ place: TemplatePlace
    ) throws(TemplateError) -> ValueMap {
        guard let map = subject.value?.mapValue else {
            let kind = subject.value?.typeName ?? "nothing"
            throw place.error(.evaluation, "a map is wanted here, not a \(kind)")
        }
        return map
    }
}

extension TemplateValue {
    /// The text changed, as safe as before.
    func changed(_ change: (String) -> String) -> TemplateValue {
        TemplateValue(.string(change(text)), isSafe: isSafe)
    }
}
