public import Documents
public import Schedules

/// Starts an instance at each tick of a schedule; its `input` becomes the instance's.
public struct ScheduleTrigger: Sendable {
    /// Tells the schedules of a workflow apart; one of them may have none.
    public var name: String?
    public var definition: ScheduleDefinition
    /// Where the trigger stands.
    public var place: Place
    /// Where its time zone is named.
    public var zonePlace: Place

    /// What names the schedule among all: `workflow`, or `workflow.name` if it has a name of its own.
    public func id(in workflow: String) -> String {
        name.map { "\(workflow).\($0)" } ?? workflow
    }
}

extension WorkflowDefinition {
    /// The schedule triggers.
    public var scheduleTriggers: [ScheduleTrigger] {
        triggers.compactMap { if case .schedule(let trigger) = $0 { trigger } else { nil } }
    }
}

extension WorkflowDefinition {
    /// What is wrong with the schedules that only zone data and the whole workflow can show: a zone that
    /// does not exist, an input that does not fit.
    public func scheduleProblems(zones: any TimeZoneRules) -> [Problem] {
        scheduleTriggers.flatMap { trigger -> [Problem] in
            var problems: [Problem] = []
            let zone = trigger.definition.timeZone
            if ScheduleZone(zone, rules: zones) == nil {
                problems.append(
                    Problem(
                        at: trigger.zonePlace,
                        "there is no time zone '\(zone)'",
                        remedy: "write its IANA name, such as Europe/Berlin or UTC"
                    )
                )
            }
            problems += inputProblems(trigger.definition.input).map { message in
                Problem(
                    at: trigger.place,
                    "the schedule's input does not fit the workflow's: \(message)",
                    remedy: "give it under the schedule's 'input'"
                )
            }
            return problems
        }
    }
}
