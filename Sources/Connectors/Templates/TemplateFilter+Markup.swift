import EventModel

extension TemplateFilter {
    /// Filters about HTML and about what is missing.
    static let markupFilters: [String: TemplateFilter] = [
        "safe": TemplateFilter { TemplateValue(.string($0.subject.text), isSafe: true) },
        "escape": escape,
        "e": escape,
        "forceescape": TemplateFilter { input in
            TemplateValue(.string(TemplateText.escaped(input.subject.text)), isSafe: true)
        },
        "striptags": TemplateFilter { input in
            TemplateValue(.string(withoutTags(input.subject.text)))
        },
        "tojson": TemplateFilter { input in
            // No character that could end a script element stands in the result.
            var text = String.UnicodeScalarView()
            for scalar in TemplateText.json(input.subject.value ?? .null).unicodeScalars {
                switch scalar {
                case "<": text.append(contentsOf: "\\u003c".unicodeScalars)
                case ">": text.append(contentsOf: "\\u003e".unicodeScalars)
                case "&": text.append(contentsOf: "\\u0026".unicodeScalars)
                case "'": text.append(contentsOf: "\\u0027".unicodeScalars)
                default: text.append(scalar)
                }
            }
            return TemplateValue(.string(String(text)), isSafe: true)
        },
        "default": orElse,
        "d": orElse,
    ]

    private static var escape: TemplateFilter {
        TemplateFilter { input in
            TemplateValue(.string(TemplateText.escaped(input.subject)), isSafe: true)
        }
    }

    /// Unlike Jinja's it also fills a null, which in an event means that nothing is there.
    private static var orElse: TemplateFilter {
        TemplateFilter(["default_value", "boolean"]) { input in
            let isWanted =
                input.flag("boolean") ? !input.subject.isTrue : input.subject.isMissing
            guard isWanted else { return input.subject }
            return input.arguments["default_value"] ?? TemplateValue("")
        }
    }

    private static func withoutTags(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var isInTag = false
        for scalar in text.unicodeScalars {
            if scalar == "<" { isInTag = true }
            if !isInTag { result.append(scalar) }
            if scalar == ">" { isInTag = false }
        }
        return String(result).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
