import Documents

/// Checks databases against each other.
struct CatalogueChecker {
    /// What the other side of a relation must be.
    static let opposites = [
        "many_to_one": "one_to_many", "one_to_many": "many_to_one", "one_to_one": "one_to_one",
        "many_to_many": "many_to_many",
    ]

    var documents: [DatabaseDocument]

    func problems() -> [Problem] {
        let catalogue = DatabaseCatalogue(databases: documents.map(\.schema))
        var problems = unique("key") { [$0.key] }
        problems += unique("table") { [$0.table] }
        problems += unique("variable") { [$0.environmentVariable] }
        problems += unique("name") { Set([$0.title] + $0.aliases).sorted() }
        for document in documents {
            for field in document.schema.fields {
                let place = document.fieldPlaces[field.key] ?? document.place
                if let relation = field.relation {
                    problems += check(relation, field, of: document.schema, catalogue, place)
                }
                if let rollup = field.rollup {
                    problems += check(rollup, of: document.schema, catalogue, place)
                }
            }
        }
        return problems
    }

    private func unique(_ what: String, _ names: (DatabaseSchema) -> [String]) -> [Problem] {
        var owner: [String: String] = [:]
        var problems: [Problem] = []
        for document in documents {
            for name in names(document.schema) {
                if let other = owner[name] {
                    problems.append(
                        Problem(
                            at: document.place,
                            "the \(what) '\(name)' is already that of \(other)",
                            remedy: "give it another"
                        )
                    )
                }
                owner[name] = document.schema.key
            }
        }
        return problems
    }

    private func check(
        _ relation: FieldSchema.Relation,
        _ field: FieldSchema,
        of schema: DatabaseSchema,
        _ catalogue: DatabaseCatalogue,
        _ place: Place
    ) -> [Problem] {
        guard let target = catalogue.databases.first(where: { $0.key == relation.target }) else {
            let keys = catalogue.databases.map(\.key)
            return [
                Problem(
                    at: place,
                    "the relation leads to '\(relation.target)', which is no database",
                    remedy: Suggestion.remedy(for: relation.target, among: keys)
                )
            ]
        }
        guard let inverseKey = relation.inverse else { return [] }
        guard let inverse = target.field(inverseKey)?.relation else {
            let keys = target.fields.filter { $0.relation != nil }.map(\.key)
            return [
                Problem(
                    at: place,
                    "the inverse '\(inverseKey)' is no relation of \(target.key)",
                    remedy: Suggestion.remedy(for: inverseKey, among: keys)
                )
            ]
        }
        guard inverse.target == schema.key, inverse.inverse == field.key else {
            return [
                Problem(
                    at: place,
                    "\(target.key).\(inverseKey) does not lead back to \(schema.key).\(field.key)"
                )
            ]
        }
        guard inverse.cardinality == CatalogueChecker.opposites[relation.cardinality] else {
            let both = "\(relation.cardinality) and \(inverse.cardinality)"
            return [
                Problem(at: place, "the two sides of the relation disagree: \(both)")
            ]
        }
        return []
    }

    private func check(
        _ rollup: FieldSchema.Rollup,
        of schema: DatabaseSchema,
        _ catalogue: DatabaseCatalogue,
        _ place: Place
    ) -> [Problem] {
        guard let relation = schema.field(rollup.relation)?.relation else {
            let keys = schema.fields.filter { $0.relation != nil }.map(\.key)
            return [
                Problem(
                    at: place,
                    "the roll-up follows '\(rollup.relation)', which is no relation here",
                    remedy: Suggestion.remedy(for: rollup.relation, among: keys)
                )
            ]
        }
        guard let target = catalogue.databases.first(where: { $0.key == relation.target }),
            target.field(rollup.property) == nil
        else { return [] }
        return [
            Problem(
                at: place,
                "\(target.key) has no field '\(rollup.property)'",
                remedy: Suggestion.remedy(for: rollup.property, among: target.fields.map(\.key))
            )
        ]
    }
}
