import EventModel

extension TemplateFilter {
    /// Filters that make a text of a text.
    static let textFilters: [String: TemplateFilter] = [
        "upper": TemplateFilter { $0.subject.changed { $0.uppercased() } },
        "lower": TemplateFilter { $0.subject.changed { $0.lowercased() } },
        "capitalize": TemplateFilter { $0.subject.changed(capitalized) },
        "title": TemplateFilter { TemplateValue(.string(titled($0.subject.text))) },
        "trim": TemplateFilter(["chars"]) { input in
            guard let characters = input.arguments["chars"], !characters.isMissing else {
                return input.subject.changed(TemplateText.trimmed)
            }
            let unwanted = Set(characters.text.unicodeScalars)
            return input.subject.changed { trimmed($0, unwanted) }
        },
        "replace": TemplateFilter(["old", "new", "count"], required: 2) {
            input throws(TemplateError) in try replaced(input)
        },
        "truncate": TemplateFilter(["length", "killwords", "end", "leeway"]) {
            input throws(TemplateError) in try truncated(input)
        },
        "indent": TemplateFilter(["width", "first", "blank"]) {
            input throws(TemplateError) in try indented(input)
        },
        "center": TemplateFilter(["width"]) { input throws(TemplateError) in
            let width = try input.integer("width", default: 80)
            try input.renderer.checkBytes(width, input.place)
            let room = max(0, width - input.subject.text.unicodeScalars.count)
            // Python puts the odd space left of an even text and right of an odd one.
            let left = room / 2 + (room & width & 1)
            return input.subject.changed {
                String(repeating: " ", count: left) + $0
                    + String(repeating: " ", count: room - left)
            }
        },
        "string": TemplateFilter {
            TemplateValue(.string($0.subject.text), isSafe: $0.subject.isSafe)
        },
        "wordcount": TemplateFilter { input in
            TemplateValue(.int(Int64(words(input.subject.text).count)))
        },
        "urlencode": TemplateFilter { input in
            guard case .map(let map) = input.subject.value else {
                return TemplateValue(.string(percentEncoded(input.subject.text, keepsSlash: true)))
            }
            let pairs = map.entries.map { entry in
                [TemplateText.value(entry.key), entry.value]
                    .map { percentEncoded(TemplateText.text($0), keepsSlash: false) }
                    .joined(separator: "=").replacing("%20", with: "+")
            }
            return TemplateValue(.string(pairs.joined(separator: "&")))
        },
    ]

    private static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        let rest = String(text.unicodeScalars.dropFirst())
        return first.properties.titlecaseMapping + rest.lowercased()
    }

    /// A capital after every space, hyphen and opening bracket, small letters elsewhere.
    private static func titled(_ text: String) -> String {
        var result = ""
        var word = ""
        func flush() {
            if let first = word.unicodeScalars.first {
                result += first.properties.uppercaseMapping
                result += String(word.unicodeScalars.dropFirst()).lowercased()
            }
            word = ""
        }
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || "-({[<".unicodeScalars.contains(scalar) {
                flush()
                result.unicodeScalars.append(scalar)
            } else {
                word.unicodeScalars.append(scalar)
            }
        }
        flush()
        return result
    }

    private static func trimmed(_ text: String, _ unwanted: Set<Unicode.Scalar>) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !unwanted.contains($0) }),
            let last = scalars.lastIndex(where: { !unwanted.contains($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    static func words(_ text: String) -> [String] {
        // Python's \w+.
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            if properties.isAlphabetic || properties.numericType != nil || scalar == "_" {
                word.append(scalar)
            } else if !word.isEmpty {
                words.append(String(word))
                word = String.UnicodeScalarView()
            }
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }

    private static func replaced(_ input: Input) throws(TemplateError) -> TemplateValue {
        let count = try input.integer("count", default: .max)
        let old = input.arguments["old"] ?? .undefined
        let new = input.arguments["new"] ?? .undefined
        // If one part is markup, so is the whole, and the rest is escaped first.
        let isMarkup =
            input.renderer.isEscaping && (input.subject.isSafe || old.isSafe || new.isSafe)
        let subject = isMarkup ? TemplateText.escaped(input.subject) : input.subject.text
        let replacement = isMarkup ? TemplateText.escaped(new) : new.text
        var parts: [String]
        if old.text.isEmpty {
            // An empty text stands before, between and after all characters.
            let characters = subject.unicodeScalars.map { String($0) }
            let cuts = min(count, characters.count + 1)
            parts = [""] + characters.prefix(max(0, cuts - 1))
            if cuts <= characters.count {
                parts.append(characters.dropFirst(max(0, cuts - 1)).joined())
            } else {
                parts.append("")
            }
            if cuts <= 0 { parts = [subject] }
        } else {
            parts = TemplateText.parts(of: subject, separator: old.text, max: max(0, count))
        }
        let growth = max(0, replacement.utf8.count) * (parts.count - 1)
        try input.renderer.checkBytes(subject.utf8.count + growth, input.place)
        return TemplateValue(.string(parts.joined(separator: replacement)), isSafe: isMarkup)
    }

    private static func truncated(_ input: Input) throws(TemplateError) -> TemplateValue {
        let length = try input.integer("length", default: 255)
        let leeway = try input.integer("leeway", default: 5)
        let end = input.text("end", default: "...")
        let scalars = Array(input.subject.text.unicodeScalars)
        guard length >= end.unicodeScalars.count, leeway >= 0 else {
            let message = "'length' must be at least that of '\(end)', and 'leeway' not negative"
            throw input.place.error(.evaluation, message)
        }
        guard scalars.count > length + leeway else { return input.subject }
        var kept = scalars[..<(length - end.unicodeScalars.count)]
        if !input.flag("killwords"), let space = kept.lastIndex(of: " ") { kept = kept[..<space] }
        let text = String(String.UnicodeScalarView(kept)) + end
        return TemplateValue(.string(text), isSafe: input.subject.isSafe)
    }

    private static func indented(_ input: Input) throws(TemplateError) -> TemplateValue {
        let indentation: String
        if let text = input.arguments["width"]?.value?.stringValue {
            indentation = text
        } else {
            let width = try input.integer("width", default: 4)
            try input.renderer.checkBytes(width, input.place)
            indentation = String(repeating: " ", count: max(0, width))
        }
        let lines = TemplateText.parts(of: input.subject.text, separator: "\n")
        let growth = lines.count * indentation.utf8.count
        try input.renderer.checkBytes(input.subject.text.utf8.count + growth, input.place)
        let (first, blank) = (input.flag("first"), input.flag("blank"))
        return input.subject.changed { _ in
            lines.enumerated().map { number, line in
                let isIndented = number == 0 ? first : blank || !line.isEmpty
                return isIndented ? indentation + line : line
            }.joined(separator: "\n")
        }
    }

    private static func percentEncoded(_ text: String, keepsSlash: Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || "_.-~".utf8.contains(byte)
                || (keepsSlash && byte == UInt8(ascii: "/"))
            bytes += isPlain ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
