import CEL
import Documents
import EventModel

/// Compiles the expressions of a projection's file and checks the names in them.
struct ExpressionReader {
    private struct Use {
        var expression: Expression
        var place: Place
        var seesRow: Bool
    }

    private var uses: [Use] = []
    private var problems: [Problem] = []

    /// The source of a column: an expression, or a number, boolean or null that stands for itself.
    mutating func source(_ node: Node) -> ColumnSource? {
        if let scalar = node.scalar, scalar.stringValue == nil { return .literal(scalar) }
        return expression(node, seesRow: true).map(ColumnSource.expression)
    }

    /// The expression that a text holds.
    ///
    /// - Parameters:
    ///   - node: the text.
    ///   - seesRow: whether the row's columns are known where it is evaluated.
    mutating func expression(_ node: Node, seesRow: Bool) -> Expression? {
        guard let text = node.text else {
            let message = "an expression must be a text, not a \(node.kind)"
            problems.append(Problem(at: node.place, message))
            return nil
        }
        do throws(CELError) {
            let expression = try Expression.compile(text, functions: ProjectionFunctions.library)
            uses.append(Use(expression: expression, place: node.place, seesRow: seesRow))
            return expression
        } catch {
            let place = ExpressionReader.place(of: error, in: node.place)
            problems.append(Problem(at: place, "the expression is wrong: \(error.rendered)"))
            return nil
        }
    }

    /// All mistakes: what does not compile, and names that nothing stands for.
    func problems(columns: Set<String>) -> [Problem] {
        problems
            + uses.flatMap { use in
                use.expression.references.compactMap { path in
                    ExpressionReader.problem(path, in: use, columns: columns)
                }
            }
    }

    private static func problem(
        _ path: [String],
        in use: Use,
        columns: Set<String>
    ) -> Problem? {
        let names = use.seesRow ? ["event", "row"] : ["event"]
        guard let first = path.first, names.contains(first) else {
            let message = "nothing is called '\(path.first ?? "")' here"
            let remedy = Suggestion.remedy(for: path.first ?? "", among: names)
            return Problem(at: use.place, message, remedy: remedy)
        }
        guard path.count > 1 else { return nil }
        let known = first == "event" ? EventVariables.members : columns.sorted()
        guard !known.contains(path[1]) else { return nil }
        let message = first == "event" ? "an event has no '\(path[1])'" : "no column '\(path[1])'"
        let remedy = Suggestion.remedy(for: path[1], among: known)
        return Problem(at: use.place, message, remedy: remedy)
    }

    /// Where in the file a mistake of an expression stands.
    ///
    /// A block of several lines begins on the line after its indicator; its indentation is not known, so
    /// its column counts from the text. In a quoted text the place is one too far left, at most.
    private static func place(of error: CELError, in start: Place) -> Place {
        guard error.source.utf8.contains(0x0A) else {
            return Place(
                file: start.file,
                line: start.line,
                column: start.column + error.column - 1
            )
        }
        return Place(file: start.file, line: start.line + error.line, column: error.column)
    }
}
