/// What one class of faults came to.
struct Figures: Sendable {
    let name: String
    var tried = 0
    /// Everything went on with all that was acknowledged, and nobody noticed.
    var survived = 0
    /// An error said what is wrong; nothing that was acknowledged was lost.
    var detected = 0
    /// What went wrong, and how to do it again.
    var failures: [String] = []
    /// Why it was not tried.
    var skipped: String?

    init(_ name: String) { self.name = name }

    mutating func add(_ outcome: Outcome) {
        tried += 1
        switch outcome {
        case .survived: survived += 1
        case .detected: detected += 1
        case .failed(let message): failures.append(message)
        }
    }

    enum Outcome: Sendable {
        case survived
        case detected
        case failed(String)
    }

    /// The figures of several classes as a table.
    static func table(_ all: [Figures]) -> String {
        let head = ["fault", "tried", "survived", "detected", "FAILED"]
        let rows = all.map { figures in
            [
                figures.name, String(figures.tried), String(figures.survived),
                String(figures.detected), figures.skipped ?? String(figures.failures.count),
            ]
        }
        let widths = head.indices.map { column in
            ([head] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([head] + rows).map { row in
            row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// One JSON object.
    var json: String {
        let reasons = failures.prefix(20).map { "\"\(Figures.escaped($0))\"" }
        let note = skipped.map { ",\"skipped\":\"\(Figures.escaped($0))\"" } ?? ""
        return "{\"fault\":\"\(name)\",\"tried\":\(tried),\"survived\":\(survived),"
            + "\"detected\":\(detected),\"failed\":\(failures.count),"
            + "\"failures\":[\(reasons.joined(separator: ","))]\(note)}"
    }

    private static func escaped(_ text: String) -> String {
        text.flatMap { character -> String in
            switch character {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _: character.isNewline || character == "\t" ? " " : String(character)
            }
        }.reduce(into: "") { $0.append($1) }
    }
}
