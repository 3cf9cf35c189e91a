import CEL
public import EventModel

extension ProjectionDefinition {
    /// Which row an event concerns, or nil if none.
    ///
    /// - Throws: ``ProjectionError`` if an expression has no value.
    public func reference(of event: Event) throws(ProjectionError) -> RowReference? {
        try Folding(self, event).reference()
    }

    /// The key of the row that an event concerns; nil if it concerns none, or names it otherwise.
    ///
    /// - Throws: ``ProjectionError`` if an expression has no value.
    public func key(of event: Event) throws(ProjectionError) -> String? {
        guard case .key(let key) = try reference(of: event) else { return nil }
        return key
    }

    /// Other names that an event gives to the row that it concerns, under which later events find it.
    ///
    /// - Throws: ``ProjectionError`` if an expression has no value.
    public func names(of event: Event) throws(ProjectionError) -> [String] {
        try Folding(self, event).names()
    }

    /// What an event does to a row.
    ///
    /// An event that is not after the row's last one changes nothing, so repeating is harmless.
    ///
    /// - Parameters:
    ///   - event: the event.
    ///   - previous: the row that ``reference(of:)`` leads to, or nil if there is none.
    /// - Throws: ``ProjectionError`` that names the event and the column.
    public func fold(_ event: Event, previous: Row?) throws(ProjectionError) -> RowChange {
        try Folding(self, event).change(of: previous)
    }
}

/// One event on its way into a projection.
private struct Folding {
    let definition: ProjectionDefinition
    let event: Event
    let rule: ProjectionRule?
    let eventValue: Value

    init(_ definition: ProjectionDefinition, _ event: Event) {
        self.definition = definition
        self.event = event
        rule = definition.rules[event.type]
        eventValue = definition.variables.value(of: event)
    }

    func reference() throws(ProjectionError) -> RowReference? {
        guard definition.reads(category: event.stream.category, type: event.type) else {
            return nil
        }
        guard try isTrue(definition.condition, "where"), try isTrue(rule?.condition, "where")
        else { return nil }
        switch rule?.row {
        case .name(let expression): return try text(expression, "find").map(RowReference.name)
        case .key(let expression): return try text(expression, "key").map(RowReference.key)
        case nil: return try text(definition.key, "key").map(RowReference.key)
        }
    }

    func names() throws(ProjectionError) -> [String] {
        guard let rule, !rule.names.isEmpty, try reference() != nil else { return [] }
        var names: [String] = []
        for expression in rule.names {
            if let name = try text(expression, "names") { names.append(name) }
        }
        return names
    }

    func change(of previous: Row?) throws(ProjectionError) -> RowChange {
        let key: String
        switch try reference() {
        case nil: return .none
        case .name:
            guard let previous else { return .none }
            key = previous.key
        case .key(let own): key = own
        }
        if let previous, event.position <= previous.position { return .none }
        let before = previous?.columns ?? ValueMap()
        var columns = before
        for column in definition.everyColumns + (rule?.columns ?? []) {
            columns[column.column] = try value(of: column, row: before)
        }
        if try isDeletion(columns) { return previous == nil ? .none : .delete(key: key) }
        guard previous == nil || columns != before else { return .none }
        return .put(Row(key: key, columns: columns, position: event.position))
    }

    private func isDeletion(_ columns: ValueMap) throws(ProjectionError) -> Bool {
        if let rule, rule.deletes { return true }
        guard let condition = definition.deleteCondition else { return false }
        return try isTrue(condition, "delete_when", row: columns)
    }

    private func value(of column: ColumnRule, row: ValueMap) throws(ProjectionError) -> Value {
        switch column.source {
        case .literal(let value): return value
        case .expression(let expression):
            return try evaluate(expression, "column '\(column.column)'", row: row)
        }
    }

    private func isTrue(
        _ expression: Expression?,
        _ part: String,
        row: ValueMap = ValueMap()
    ) throws(ProjectionError) -> Bool {
        guard let expression else { return true }
        let value = try evaluate(expression, part, row: row)
        guard case .bool(let truth) = value else {
            throw error(part, "must be true or false, not \(value.typeName)")
        }
        return truth
    }

    private func text(
        _ expression: Expression,
        _ part: String
    ) throws(ProjectionError) -> String? {
        switch try evaluate(expression, part, row: ValueMap()) {
        case .null: return nil
        case .string(let text):
            let max = ProjectionLimits.keyBytesMax
            guard !text.isEmpty, text.utf8.count <= max else {
                throw error(part, "must have 1 to \(max) bytes, it has \(text.utf8.count)")
            }
            return text
        case let value: throw error(part, "must be a text or null, not \(value.typeName)")
        }
    }

    private func evaluate(
        _ expression: Expression,
        _ part: String,
        row: ValueMap
    ) throws(ProjectionError) -> Value {
        do throws(CELError) {
            return try expression.evaluate(["event": eventValue, "row": .map(row)])
        } catch {
            throw self.error(part, error.rendered)
        }
    }

    private func error(_ part: String, _ message: String) -> ProjectionError {
        ProjectionError(
            projection: definition.name,
            position: event.position,
            type: event.type,
            part: part,
            message: message
        )
    }
}
