public import EventModel

/// A JSON Schema of draft 2020-12, compiled once and applied often.
///
/// Values are taken as JSON would write them: a timestamp, a duration and bytes are strings. Texts
/// are compared and counted as code points. Nothing is ever fetched: what `$ref` names must be in
/// the
/// schema, among `documents`, or one of the specification's own meta-schemas.
public struct JSONSchema: Sendable {
    let nodes: [SchemaNode]
    let dynamicAnchors: [[MapKey: Int]]
    /// The schema as it was given.
    public let source: Value

    /// Compiles a schema.
    ///
    /// - Parameters:
    ///   - schema: the schema: a map, true or false.
    ///   - uri: its address, which `$id` and references are relative to.
    ///   - documents: other schemas, by address, that it may refer to.
    ///   - assertsFormats: whether a text of a wrong `format` is a violation; else only a
    ///     meta-schema
    ///     with the vocabulary `format-assertion` makes it one.
    /// - Throws: all mistakes of the schema at once.
    public init(
        _ schema: Value,
        uri: String = "",
        documents: [String: Value] = [:],
        assertsFormats: Bool = false
    ) throws(SchemaMistakes) {
        var compiler = SchemaCompiler(known: documents, assertsFormats: assertsFormats)
        compiler.compile(schema, uri: uri)
        guard compiler.mistakes.isEmpty else { throw SchemaMistakes(list: compiler.mistakes) }
        nodes = compiler.nodes
        dynamicAnchors = compiler.dynamicAnchors
        source = schema
    }

    /// Whether a value fits; stops at the first violation.
    ///
    /// - Parameter stepsMax: what it may cost; a validation that takes more is given up as `false`.
    public func accepts(
        _ value: Value,
        stepsMax: Int = JSONSchemaLimits.stepsMax
    ) -> Bool {
        var validator = SchemaValidator(schema: self, isQuiet: true, stepsMax: stepsMax)
        return validator.validate(value)
    }

    /// How a value does not fit; empty if it does.
    ///
    /// A validation that takes more than `stepsMax` steps or ``JSONSchemaLimits/nestingMax`` levels
    /// is given up, which is a violation too.
    public func violations(
        of value: Value,
        stepsMax: Int = JSONSchemaLimits.stepsMax
    ) -> [SchemaViolation] {
        var validator = SchemaValidator(schema: self, isQuiet: false, stepsMax: stepsMax)
        let isValid = validator.validate(value)
        return isValid ? [] : validator.violations
    }
}
