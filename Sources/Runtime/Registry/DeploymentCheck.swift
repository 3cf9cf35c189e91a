public import Documents
public import Records
public import WorkflowEngine

/// What is wrong with a definition that only the engine's surroundings can show: names of secrets,
/// databases, time zones.
public enum DeploymentCheck {
    /// - Parameters:
    ///   - definition: the workflow.
    ///   - file: its name, for messages without a better place.
    ///   - databases: the record source's databases.
    /// - Returns: every mistake; empty if it can be deployed.
    public static func problems(
        of definition: WorkflowDefinition,
        file: String,
        databases: DatabaseCatalogue
    ) -> [Problem] {
        let place = Place(file: file, line: 1, column: 1)
        var problems: [Problem] = []
        for path in definition.webhookTriggers.flatMap(\.secrets)
        where SecretReference(name: path, identifier: "x") == nil {
            problems.append(
                Problem(
                    at: place,
                    "'\(path)' cannot name a secret",
                    remedy: "use up to 80 lower-case letters, digits, _, - and ."
                )
            )
        }
        for database in definition.recordTriggers.map(\.database)
        where databases.database(database)?.key != database {
            let names = databases.databases.map(\.key)
            problems.append(
                Problem(
                    at: place,
                    "a trigger names the database '\(database)', which does not exist",
                    remedy: Suggestion.remedy(for: database, among: names)
                )
            )
        }
        return problems + definition.scheduleProblems(zones: SystemTimeZones())
    }
}
