import CEL
import Documents
import EventModel

/// Reads a projection's file and collects its mistakes.
struct ProjectionReader {
    private let root: Node
    private var reader: MappingReader
    private var expressions = ExpressionReader()

    init(_ root: Node) {
        self.root = root
        reader = MappingReader(root, what: "a projection")
    }

    mutating func definition() throws(Problems) -> ProjectionDefinition {
        let name = word("projection")
        let description = reader.requiredText("description") ?? ""
        let version = reader.integer("version", in: 1...Int64(UInt32.max)) ?? 1
        let (categories, sourceTypes) = source()
        let condition = reader.node("where").flatMap { expressions.expression($0, seesRow: false) }
        let key = reader.required("key").flatMap { expressions.expression($0, seesRow: false) }
        let everyColumns = reader.node("columns").map { columns($0) } ?? []
        let rules = reader.node("on").map { self.rules($0) } ?? [:]
        let deletion = reader.node("delete_when").flatMap {
            expressions.expression($0, seesRow: true)
        }
        let declared =
            everyColumns.map(\.column) + rules.values.flatMap { $0.columns.map(\.column) }
        let sinks = self.sinks(columns: Set(declared))
        if declared.isEmpty {
            let remedy = "write columns, or columns of an event type in on"
            reader.report(Problem(at: root.place, "the projection has no columns", remedy: remedy))
        }
        if Set(declared).count > ProjectionLimits.columnsMax {
            let message = "more than \(ProjectionLimits.columnsMax) columns"
            reader.report(Problem(at: root.place, message))
        }
        reader.report(expressions.problems(columns: Set(declared)))
        let problems = reader.finish()
        guard problems.isEmpty, let name, let key else { throw Problems(problems) }
        return ProjectionDefinition(
            name: name,
            description: description,
            version: version,
            categories: categories.sorted(),
            types: types(sourceTypes, rules, everyColumns: everyColumns),
            sinks: sinks,
            hash: ProjectionReader.hash(root),
            condition: condition,
            key: key,
            everyColumns: everyColumns,
            rules: rules,
            deleteCondition: deletion
        )
    }

    /// Layout, comments and the description make no other rows, so they are not in the hash.
    private static func hash(_ root: Node) -> Digest {
        var map = root.value.mapValue ?? ValueMap()
        map["description"] = nil
        return Value.map(map).digest
    }

    private func types(
        _ declared: [String]?,
        _ rules: [String: ProjectionRule],
        everyColumns: [ColumnRule]
    ) -> [String]? {
        if let declared { return Set(declared + rules.keys).sorted() }
        // Without columns of its own, an event without a rule could change nothing.
        return everyColumns.isEmpty ? rules.keys.sorted() : nil
    }

    private mutating func source() -> (categories: [String], types: [String]?) {
        guard let node = reader.required("source") else { return ([], nil) }
        var source = MappingReader(node, what: "source")
        let categories = source.texts("categories") ?? []
        let types = source.texts("types")
        if categories.isEmpty {
            let remedy = "write categories: [instance]"
            source.report(Problem(at: node.place, "the source has no categories", remedy: remedy))
        }
        for category in categories where !ProjectionReader.isName(category) {
            let message = "'\(category)' is no category"
            source.report(Problem(at: node.place, message))
        }
        for type in types ?? [] { checkType(type, at: node.place) }
        reader.report(source.finish())
        return (categories, types)
    }

    private mutating func rules(_ node: Node) -> [String: ProjectionRule] {
        guard let members = node.members else {
            reader.report(
                Problem(at: node.place, "'on' must be a mapping of event types, not a \(node.kind)")
            )
            return [:]
        }
        var rules: [String: ProjectionRule] = [:]
        for member in members {
            checkType(member.key, at: member.keyPlace)
            rules[member.key] = rule(member.node)
        }
        return rules
    }

    private mutating func rule(_ node: Node) -> ProjectionRule {
        var inner = MappingReader(node, what: "an event type's rule")
        var rule = ProjectionRule()
        rule.condition = inner.node("where").flatMap { expressions.expression($0, seesRow: false) }
        let key = inner.node("key")
        let find = inner.node("find")
        if let key, find != nil {
            let remedy = "a row is found by its key or by another name"
            inner.report(Problem(at: key.place, "both key and find are given", remedy: remedy))
        }
        rule.row =
            find.flatMap { expressions.expression($0, seesRow: false) }.map { .name($0) }
            ?? key.flatMap { expressions.expression($0, seesRow: false) }.map { .key($0) }
        rule.names = (inner.elements("names") ?? []).compactMap {
            expressions.expression($0, seesRow: false)
        }
        rule.columns = inner.node("columns").map { columns($0) } ?? []
        rule.deletes = inner.boolean("delete") ?? false
        if rule.deletes, !rule.columns.isEmpty {
            inner.report(Problem(at: node.place, "a rule that deletes the row has no columns"))
        }
        reader.report(inner.finish())
        return rule
    }

    private mutating func columns(_ node: Node) -> [ColumnRule] {
        guard let members = node.members else {
            reader.report(
                Problem(at: node.place, "'columns' must be a mapping, not a \(node.kind)")
            )
            return []
        }
        var columns: [ColumnRule] = []
        for member in members {
            if !ProjectionReader.isName(member.key) {
                let message = "'\(member.key)' is no column name"
                let remedy = "use lower-case letters, digits and underscores"
                reader.report(Problem(at: member.keyPlace, message, remedy: remedy))
            }
            guard let source = expressions.source(member.node) else { continue }
            columns.append(ColumnRule(column: member.key, source: source))
        }
        return columns
    }

    private mutating func sinks(columns: Set<String>) -> [SinkBinding] {
        guard let nodes = reader.elements("sinks") else { return [] }
        if nodes.count > ProjectionLimits.sinksMax {
            let message = "more than \(ProjectionLimits.sinksMax) sinks"
            reader.report(Problem(at: root.place, message))
        }
        return nodes.map { sink($0, columns: columns) }
    }

    private mutating func sink(_ node: Node, columns: Set<String>) -> SinkBinding {
        var inner = MappingReader(node, what: "a sink")
        let kind = inner.requiredText("kind") ?? ""
        let target = inner.requiredText("target") ?? ""
        var fields: [SinkBinding.FieldMapping] = []
        for member in inner.required("fields")?.members ?? [] {
            guard let field = member.node.text else {
                inner.report(Problem(at: member.node.place, "a field must be a text"))
                continue
            }
            if !columns.contains(member.key) {
                let remedy = Suggestion.remedy(for: member.key, among: columns.sorted())
                let message = "no event type makes the column '\(member.key)'"
                inner.report(Problem(at: member.keyPlace, message, remedy: remedy))
            }
            fields.append(SinkBinding.FieldMapping(column: member.key, field: field))
        }
        if fields.isEmpty {
            let remedy = "write fields: {column: field}"
            inner.report(Problem(at: node.place, "the sink gets no columns", remedy: remedy))
        }
        reader.report(inner.finish())
        return SinkBinding(kind: kind, target: target, fields: fields)
    }

    private mutating func word(_ key: String) -> String? {
        guard let text = reader.requiredText(key) else { return nil }
        guard ProjectionReader.isName(text) else {
            let place = root[key]?.place ?? root.place
            let remedy = "use lower-case letters, digits and underscores"
            reader.report(Problem(at: place, "'\(text)' is no name", remedy: remedy))
            return nil
        }
        return text
    }

    private mutating func checkType(_ type: String, at place: Place) {
        let isType =
            type.utf8.count <= Limits.eventTypeBytesMax
            && type.wholeMatch { $0.isLetter || $0.isNumber } && type.first?.isUppercase == true
        guard !isType else { return }
        let remedy = "types are written as in InstanceStarted"
        reader.report(Problem(at: place, "'\(type)' is no event type", remedy: remedy))
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= 63 && text.first?.isLowercase == true
            && text.wholeMatch { $0.isLowercase || $0.isNumber || $0 == "_" }
    }
}

extension String {
    /// Whether every character is ASCII and fulfils the condition.
    fileprivate func wholeMatch(_ condition: (Character) -> Bool) -> Bool {
        !isEmpty && allSatisfy { $0.isASCII && condition($0) }
    }
}
