import EventModel

/// Texts of Notion: lists of runs, each of at most 2,000 characters.
enum RichText {
    /// Counted in UTF-16 units, the narrowest way Notion could count.
    static let runUnitsMax = 2000
    static let runsMax = 100

    /// The text of runs, formatting forgotten.
    static func plain(_ runs: Value?) -> String {
        (runs?.listValue ?? []).map(plainRun).joined()
    }

    /// The runs of a text; nil if it is longer than a property can hold.
    static func runs(_ text: String) -> Value? {
        let parts = chunks(text)
        guard parts.count <= runsMax else { return nil }
        return .list(parts.map { ["type": "text", "text": ["content": .string($0)]] })
    }

    /// Cuts a text into parts that each fit a run; between characters if possible, and never inside
    /// a Unicode scalar, which would tear a surrogate pair.
    static func chunks(_ text: String) -> [String] {
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var units = 0
        for character in text {
            let characterUnits = character.utf16.count
            if units + characterUnits > runUnitsMax, !part.isEmpty {
                parts.append(String(part))
                part = String.UnicodeScalarView()
                units = 0
            }
            for scalar in character.unicodeScalars {
                let scalarUnits = UTF16.width(scalar)
                if units + scalarUnits > runUnitsMax {
                    parts.append(String(part))
                    part = String.UnicodeScalarView()
                    units = 0
                }
                part.append(scalar)
                units += scalarUnits
            }
        }
        if !part.isEmpty { parts.append(String(part)) }
        return parts
    }

    private static func plainRun(_ run: Value) -> String {
        run["plain_text"]?.stringValue
            ?? run[path: "text", "content"]?.stringValue
            ?? run[path: "equation", "expression"]?.stringValue ?? ""
    }
}
