public import EventModel

/// What an event of an instance says, as a sentence for people.
///
/// It goes by the names that the log has, so that histories of every version can be told; an event
/// of a type that it does not know is told by its members.
public enum EventSentence {
    /// The sentence, without a full stop.
    public static func text(type: String, data: Value) -> String {
        let step = data["step"]?.stringValue ?? ""
        let attempt = data["attempt"]?.intValue ?? 0
        return instance(type, data) ?? self.step(type, data, step, attempt)
            ?? timer(type, data, step) ?? members(type, data)
    }

    private static func instance(_ type: String, _ data: Value) -> String? {
        switch type {
        case "InstanceStarted":
            "the instance of \(word(data["workflow"])) started, \(trigger(data["trigger"] ?? .null))"
        case "InstanceCompleted": "the instance ended: \(word(data["outcome"]))"
        case "InstanceFailed":
            "the instance failed at \(word(data["step"])): \(failure(data["failure"]))"
        case "InstancePaused":
            "\(word(data["step"])) is an incident and waits for a person: "
                + failure(data["failure"])
        case "InstanceResumed": "a person let \(word(data["step"])) go on"
        case "InstanceCancelled": "the instance was cancelled: \(word(data["reason"]))"
        default: nil
        }
    }

    private static func step(
        _ type: String,
        _ data: Value,
        _ step: String,
        _ attempt: Int64
    ) -> String? {
        switch type {
        case "ConditionEvaluated":
            "the condition of \(step) was \(word(data["result"])): \(word(data["expression"]))"
        case "StepScheduled": "\(step) asked for \(word(data["action"])), attempt \(attempt)"
        case "StepStarted":
            attempt == 0 ? "\(step) was entered" : "\(step) was called, attempt \(attempt)"
        case "StepCompleted":
            attempt == 0 ? "\(step) completed" : "\(step) completed in attempt \(attempt)"
        case "StepFailed":
            (attempt == 0 ? "\(step) failed: " : "\(step) failed in attempt \(attempt): ")
                + failure(data["failure"])
                + (data["will_retry"] == true
                    ? "; another attempt follows" : "; no further attempt follows")
        case "StepSkipped": "\(step) was passed over: \(word(data["reason"]))"
        case "FallbackEntered":
            data["cause"]?.stringValue == step
                ? "the on_failure of \(step) took over"
                : "the on_failure of \(step) took over, because \(word(data["cause"])) failed"
        case "ResultRefused":
            "a late result of \(step), attempt \(attempt), was refused: \(word(data["reason"]))"
        default: nil
        }
    }

    private static func timer(_ type: String, _ data: Value, _ step: String) -> String? {
        switch type {
        case "TimerSet":
            "\(step) set a timer (\(word(data["purpose"]))) for "
                + (data["due"]?.timestampValue?.rfc3339 ?? "?")
        case "TimerFired": "the timer \(word(data["timer"])) fired"
        case "TimerCancelled": "the timer \(word(data["timer"])) was cancelled"
        default: nil
        }
    }

    /// How an instance was started: `by the webhook new_booking of booking_system`.
    public static func trigger(_ trigger: Value) -> String {
        let place = trigger["position"]?.intValue.map { " (position \($0))" } ?? ""
        switch trigger["kind"]?.stringValue {
        case "webhook":
            return "by the webhook \(word(trigger["name"])) of \(word(trigger["source"]))" + place
        case "record":
            return "because \(word(trigger["record"])) of \(word(trigger["database"])) was "
                + word(trigger["change"]) + place
        case "manual": return "by hand"
        case let kind?: return "by \(kind)" + place
        case nil: return "by something that was not recorded"
        }
    }

    private static func failure(_ failure: Value?) -> String {
        let code = word(failure?["code"])
        guard let message = failure?["message"]?.stringValue, !message.isEmpty else { return code }
        return "\(code): \(message)"
    }

    private static func members(_ type: String, _ data: Value) -> String {
        let map = data.mapValue ?? ValueMap()
        let parts = map.stringKeys.compactMap { name -> String? in
            switch map[name] {
            case .string, .int, .uint, .bool, .timestamp: "\(name)=\(word(map[name]))"
            case .null, .double, .bytes, .duration, .list, .map, nil: nil
            }
        }
        return ([type] + parts).joined(separator: " ")
    }

    /// A value as it is shown to people: a text without quotes, anything else as JSON.
    public static func shown(_ value: Value) -> String { word(value) }

    static func word(_ value: Value?) -> String {
        switch value {
        case .string(let text)?: text
        case .timestamp(let time)?: time.rfc3339
        case let value?: (try? JSON.text(value)) ?? "?"
        case nil: "?"
        }
    }
}
