import EventModel

extension TemplateFilter {
    /// Filters that take lists.
    static let listFilters: [String: TemplateFilter] = [
        "length": length,
        "count": length,
        "first": TemplateFilter { input throws(TemplateError) in
            TemplateValue(try input.elements().first, isSafe: input.subject.isSafe)
        },
        "last": TemplateFilter { input throws(TemplateError) in
            TemplateValue(try input.elements().last, isSafe: input.subject.isSafe)
        },
        "list": TemplateFilter { input throws(TemplateError) in
            TemplateValue(.list(try input.elements()))
        },
        "join": TemplateFilter(["d", "attribute"]) { input throws(TemplateError) in
            try joined(input)
        },
        "reverse": TemplateFilter { input throws(TemplateError) in
            if case .string(let text) = input.subject.value {
                return TemplateValue(
                    .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
                )
            }
            return TemplateValue(.list(try input.elements().reversed()))
        },
        "sort": TemplateFilter(["reverse", "case_sensitive", "attribute"]) {
            input throws(TemplateError) in try sorted(input)
        },
        "unique": TemplateFilter(["case_sensitive", "attribute"]) {
            input throws(TemplateError) in try unique(input)
        },
        "map": TemplateFilter(["filter", "attribute", "default"]) {
            input throws(TemplateError) in try mapped(input)
        },
        "select": TemplateFilter(["test", "argument"]) { input throws(TemplateError) in
            try selected(input, attribute: nil, keeps: true)
        },
        "reject": TemplateFilter(["test", "argument"]) { input throws(TemplateError) in
            try selected(input, attribute: nil, keeps: false)
        },
        "selectattr": TemplateFilter(["attribute", "test", "argument"], required: 1) {
            input throws(TemplateError) in
            try selected(input, attribute: input.text("attribute", default: ""), keeps: true)
        },
        "rejectattr": TemplateFilter(["attribute", "test", "argument"], required: 1) {
            input throws(TemplateError) in
            try selected(input, attribute: input.text("attribute", default: ""), keeps: false)
        },
        "batch": TemplateFilter(["linecount", "fill_with"], required: 1) {
            input throws(TemplateError) in try batches(input)
        },
        "dictsort": TemplateFilter { input throws(TemplateError) in
            guard case .map(let map) = input.subject.value else {
                throw input.place.error(.evaluation, "'dictsort' wants a map")
            }
            let pairs = map.entries.map { (TemplateText.value($0.key), $0.value) }.sorted {
                TemplateText.text($0.0).lowercased() < TemplateText.text($1.0).lowercased()
            }
            return TemplateValue(.list(pairs.map { .list([$0.0, $0.1]) }))
        },
        "items": TemplateFilter { input throws(TemplateError) in
            guard case .map(let map) = input.subject.value else { return TemplateValue(.list([])) }
            let pairs = map.entries.map { Value.list([TemplateText.value($0.key), $0.value]) }
            return TemplateValue(.list(pairs))
        },
    ]

    private static var length: TemplateFilter {
        TemplateFilter { input throws(TemplateError) in
            TemplateValue(.int(Int64(try input.elements().count)))
        }
    }

    /// The member that a dotted path leads to, or the element itself without a path.
    static func attribute(_ path: TemplateValue?, of element: Value) -> TemplateValue {
        guard let path, !path.isMissing else { return TemplateValue(element) }
        guard case .string(let text) = path.value else {
            return TemplateValue(element).item(path.value ?? .null)
        }
        var value = TemplateValue(element)
        for part in text.split(separator: ".") {
            value = value.item(Int64(part).map { .int($0) } ?? .string(String(part)))
        }
        return value
    }

    private static func joined(_ input: Input) throws(TemplateError) -> TemplateValue {
        let separator = input.arguments["d"] ?? TemplateValue("")
        let path = input.arguments["attribute"]
        let texts = try input.elements().map { attribute(path, of: $0).text }
        let isMarkup = separator.isSafe && input.renderer.isEscaping
        let between = separator.text
        let length = texts.reduce(0) { $0 + $1.utf8.count } + between.utf8.count * texts.count
        try input.renderer.checkBytes(length, input.place)
        let parts = isMarkup ? texts.map { TemplateText.escaped($0) } : texts
        return TemplateValue(.string(parts.joined(separator: between)), isSafe: isMarkup)
    }

    private static func sorted(_ input: Input) throws(TemplateError) -> TemplateValue {
        let path = input.arguments["attribute"]
        let isCaseSensitive = input.flag("case_sensitive")
        func key(_ element: Value) -> Value? {
            let value = attribute(path, of: element).value
            if !isCaseSensitive, case .string(let text) = value {
                return .string(text.lowercased())
            }
            return value
        }
        let keyed = try input.elements().enumerated().map { (key($1), $0, $1) }
        for pair in zip(keyed, keyed.dropFirst())
        where TemplateValue.isLess(pair.0.0, pair.1.0) == nil {
            throw input.place.error(.evaluation, "these elements cannot be ordered")
        }
        let isReversed = input.flag("reverse")
        // Equal ones keep their order, both ways.
        let result = keyed.sorted { left, right in
            let isLess = TemplateValue.isLess(left.0, right.0) ?? false
            let isMore = TemplateValue.isLess(right.0, left.0) ?? false
            if isLess || isMore { return isReversed ? isMore : isLess }
            return left.1 < right.1
        }
        return TemplateValue(.list(result.map(\.2)))
    }

    private static func unique(_ input: Input) throws(TemplateError) -> TemplateValue {
        let isCaseSensitive = input.flag("case_sensitive")
        var seen: Set<Value> = []
        let result = try input.elements().filter { element in
            var key = attribute(input.arguments["attribute"], of: element).value ?? .null
            if !isCaseSensitive, case .string(let text) = key { key = .string(text.lowercased()) }
            return seen.insert(key).inserted
        }
        return TemplateValue(.list(result))
    }

    private static func mapped(_ input: Input) throws(TemplateError) -> TemplateValue {
        var result: [Value] = []
        if let path = input.arguments["attribute"] {
            for element in try input.elements() {
                let value = attribute(path, of: element).value
                result.append(value ?? input.arguments["default"]?.value ?? .null)
            }
            return TemplateValue(.list(result))
        }
        let name = input.text("filter", default: "")
        guard let filter = all[name], filter.requiredCount == 0 else {
            let message = "'map' wants attribute='…' or the name of a filter without arguments"
            throw input.place.error(.evaluation, message)
        }
        for element in try input.elements() {
            let each = Input(
                subject: TemplateValue(element),
                arguments: [:],
                renderer: input.renderer,
                place: input.place
            )
            try input.renderer.step(input.place)
            result.append(try filter.apply(each).value ?? .null)
        }
        return TemplateValue(.list(result))
    }

    private static func selected(
        _ input: Input,
        attribute path: String?,
        keeps: Bool
    ) throws(TemplateError) -> TemplateValue {
        let name = input.text("test", default: "")
        let test = name.isEmpty ? nil : TemplateTest.all[name]
        guard name.isEmpty || test != nil else {
            let remedy = remedy(name, among: TemplateTest.all.keys)
            throw input.place.error(.evaluation, "there is no test '\(name)'; \(remedy)")
        }
        var result: [Value] = []
        for element in try input.elements() {
            try input.renderer.step(input.place)
            let subject = attribute(path.map { TemplateValue(.string($0)) }, of: element)
            let argument = input.arguments["argument"] ?? .undefined
            let holds =
                try test.map { test throws(TemplateError) in
                    try test.holds(subject, argument, input.renderer, input.place)
                } ?? subject.isTrue
            if holds == keeps { result.append(element) }
        }
        return TemplateValue(.list(result))
    }

    private static func batches(_ input: Input) throws(TemplateError) -> TemplateValue {
        let size = try input.integer("linecount", default: 1)
        guard size > 0 else {
            throw input.place.error(.evaluation, "'linecount' must be at least 1")
        }
        let elements = try input.elements()
        var rows: [Value] = []
        for start in stride(from: 0, to: elements.count, by: size) {
            var row = Array(elements[start...].prefix(size))
            if let fill = input.arguments["fill_with"]?.value, fill != .null {
                guard size <= input.renderer.limits.listCountMax else {
                    throw input.place.error(.limit, "'linecount' is too large")
                }
                row += Array(repeating: fill, count: size - row.count)
            }
            rows.append(.list(row))
        }
        return TemplateValue(.list(rows))
    }
}
