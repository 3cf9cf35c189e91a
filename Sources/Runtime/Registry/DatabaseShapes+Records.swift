import CEL
public import Records
public import WorkflowEngine

extension DatabaseShapes {
    /// The databases of a catalogue, as the checks of workflows see them.
    public init(_ catalogue: DatabaseCatalogue) {
        self.init(
            catalogue.databases.map { database in
                Shape(
                    key: database.key,
                    aliases: database.aliases + [database.title],
                    fields: database.fields.map(Field.init)
                )
            }
        )
    }
}

extension DatabaseShapes.Field {
    /// A field as records hold it: see `PropertyReader` for what comes of each type.
    fileprivate init(_ field: FieldSchema) {
        let (type, content): (ExpressionType, Content) =
            switch field.type {
            case .richText where field.isJSON: (.dyn, .any)
            case .title, .richText, .url, .email, .phoneNumber: (.string, .text)
            // Whole numbers are read as integers, others as doubles.
            case .number: (.dyn, .number)
            case .select, .status: (.string, .option)
            case .multiSelect: (.list(.string), .options)
            // An instant, or a map with start and end.
            case .date: (.dyn, .date)
            case .people, .relation: (.list(.string), .list)
            case .files: (.list(.dyn), .any)
            case .checkbox: (.bool, .boolean)
            case .rollup, .formula, .uniqueID: (.dyn, .nothing)
            case .createdTime, .lastEditedTime: (.timestamp, .nothing)
            case .createdBy, .lastEditedBy: (.string, .nothing)
            }
        self.init(
            key: field.key,
            type: type,
            content: content,
            options: field.hasOpenOptions ? [] : field.options + field.valueMap.keys.sorted()
        )
    }
}
