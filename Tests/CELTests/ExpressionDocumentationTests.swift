import EventModel
import Foundation
import Testing

@testable import CEL

/// `docs/expressions.md` tells the truth about every operator, macro and function.
@Suite struct ExpressionDocumentationTests {
    static let text: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/expressions.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    struct Row: Sendable {
        var sources: [String]
        var results: [String]
        var line: String
    }

    /// The rows of all tables whose first heading is the given one.
    static func rows(_ heading: String) -> [Row] {
        var rows: [Row] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                isInside = false
                continue
            }
            let cells = cells(of: line)
            if cells.first == heading {
                isInside = true
            } else if isInside, !line.hasPrefix("| ---"), cells.count > 1 {
                rows.append(
                    Row(sources: spans(cells[0]), results: spans(cells[1]), line: String(line))
                )
            }
        }
        return rows
    }

    /// The cells of a table's row; a bar with a backslash before it belongs to the cell.
    private static func cells(of line: Substring) -> [String] {
        var cells = [""]
        var isEscaped = false
        for character in line.dropFirst() {
            if isEscaped {
                cells[cells.count - 1] += character == "|" ? "|" : "\\\(character)"
            } else if character == "|" {
                cells.append("")
            } else if character != "\\" {
                cells[cells.count - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return cells.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// What stands between backquotes, single or double.
    private static func spans(_ cell: String) -> [String] {
        var spans: [String] = []
        var rest = Substring(cell)
        while let start = rest.firstIndex(of: "`") {
            let mark = rest[start...].prefix { $0 == "`" }
            let after = rest[mark.endIndex...]
            guard let end = after.range(of: String(mark)) else { break }
            let span = after[..<end.lowerBound]
            spans.append(mark.count > 1 ? span.trimmingCharacters(in: .whitespaces) : String(span))
            rest = after[end.upperBound...]
        }
        return spans
    }

    /// The content of the first code block of a language.
    private static func block(_ language: String) -> String? {
        guard let start = text.range(of: "```\(language)\n") else { return nil }
        let rest = text[start.upperBound...]
        return rest.range(of: "```").map { String(rest[..<$0.lowerBound]) }
    }

    @Test func everyExampleGivesWhatTheTableSays() throws {
        let source = try #require(Self.block("cel"))
        let variables = try #require(try Expression.compile(source).evaluate([:]).mapValue)
        let rows = Self.rows("example")
        #expect(rows.count > 80)
        for row in rows {
            let counts = (row.sources.count, row.results.count)
            #expect(counts.1 == 1 || counts.0 == counts.1, "\(row.line)")
            guard counts.0 > 0, counts.1 == 1 || counts.0 == counts.1 else { continue }
            for (index, source) in row.sources.enumerated() {
                let wanted = row.results[min(index, counts.1 - 1)]
                do {
                    let value = try Expression.compile(source).evaluate(variables)
                    let result = try Expression.compile(wanted).evaluate(variables)
                    if value != result { Issue.record("\(source) gives \(value), not \(wanted)") }
                    let check = ExpressionCheck(source, environment: ExpressionEnvironment())
                    for mistake in check.mistakes { Issue.record("\(mistake.rendered)") }
                } catch {
                    Issue.record("\(source): \(error)")
                }
            }
        }
    }

    @Test func everyMistakeSaysWhatTheTableSays() throws {
        let declarations: [String: Value] = [
            "input": [
                "amount": "int", "email": "string?", "tags": "list<string>",
                "client": ["id": "string", "score": "double"],
                "rows": [["sku": "string", "count": "int"]], "*": "dyn",
            ],
            "now": "timestamp", "steps": "dyn",
        ]
        var variables: [String: ExpressionType] = [:]
        for (name, value) in declarations {
            variables[name] = try ExpressionType(declaration: value, named: name)
        }
        let environment = ExpressionEnvironment(variables: variables)
        let rows = Self.rows("mistake")
        #expect(rows.count >= 6)
        for row in rows {
            let check = ExpressionCheck(try #require(row.sources.first), environment: environment)
            let wanted = try #require(row.results.first)
            let said = check.mistakes.map(\.message)
            #expect(said.contains { $0.contains(wanted) }, "\(row.line): \(said)")
        }
    }

    @Test func everyFunctionAndMacroHasAnExample() {
        let examples = Self.rows("example").flatMap(\.sources)
        func isShown(_ name: String) -> Bool {
            examples.contains { example in
                var rest = Substring(example)
                while let range = rest.range(of: name + "(") {
                    let before = rest[..<range.lowerBound].last
                    if before.map({ !$0.isLetter && $0 != "_" }) ?? true { return true }
                    rest = rest[range.upperBound...]
                }
                return false
            }
        }
        let macros = ExpressionEnvironment.macroNames.union([
            "cel.bind", "cel.block", "cel.index", "cel.iterVar", "cel.accuVar",
        ])
        for name in FunctionLibrary.daybook.functionNames + macros.sorted() {
            #expect(isShown(name), "docs/expressions.md has no example of \(name)()")
        }
        let operators = [
            "?", "||", "&&", "==", "!=", "<", "<=", ">", ">=", " in ", "+", "-", "*", "/", "%",
            "!", "[", ".", ".?", "[?", "{?",
        ]
        for name in operators {
            #expect(examples.contains { $0.contains(name) }, "no example of '\(name)'")
        }
    }
}
