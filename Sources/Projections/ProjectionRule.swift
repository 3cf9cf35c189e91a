import CEL
import EventModel

/// What makes the value of a column.
enum ColumnSource: Sendable, Hashable {
    /// A number, a boolean or null that stands for itself.
    case literal(Value)
    case expression(Expression)
}

/// One column with what makes its value.
struct ColumnRule: Sendable, Hashable {
    var column: String
    var source: ColumnSource
}

/// What one event type does.
struct ProjectionRule: Sendable, Hashable {
    /// How the type's events say which row they concern.
    enum Row: Sendable, Hashable {
        case key(Expression)
        case name(Expression)
    }

    var condition: Expression?
    /// Nil: as the projection says.
    var row: Row?
    /// Other names that the row gets.
    var names: [Expression] = []
    /// The columns that change; the others keep their values.
    var columns: [ColumnRule] = []
    var deletes = false

    /// All expressions.
    var expressions: [Expression] {
        var all = [condition].compactMap { $0 } + names + columns.expressions
        switch row {
        case .key(let expression), .name(let expression): all.append(expression)
        case nil: break
        }
        return all
    }
}

extension [ColumnRule] {
    var expressions: [Expression] {
        compactMap { if case .expression(let expression) = $0.source { expression } else { nil } }
    }
}
