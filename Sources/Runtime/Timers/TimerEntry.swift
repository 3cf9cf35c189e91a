import EventModel
import WorkflowEngine

/// A timer that is set, as the views hold it: the key's order is the order of the due times.
struct TimerEntry: Sendable, Hashable {
    var instance: EventID
    var timer: String
    var step: String
    var purpose: InstanceEvent.TimerSet.Purpose
    var due: Timestamp

    var key: [UInt8] { TimerEntry.key(due: due, instance: instance, timer: timer) }

    static func key(due: Timestamp, instance: EventID, timer: String) -> [UInt8] {
        // LMDB keys end at 511 bytes, and a timer's name holds the whole path of its step.
        let name = Digest.sha256(timer.utf8).bytes.prefix(16)
        return ViewKey.instant(due) + instance.bytes + name
    }

    var value: Value {
        .map([
            "instance": .bytes(instance.bytes),
            "timer": .string(timer),
            "step": .string(step),
            "purpose": .string(purpose.rawValue),
            "due": .timestamp(due),
        ])
    }

    init(instance: EventID, timer: WaitingTimer) {
        self.instance = instance
        self.timer = timer.timer
        step = timer.step
        purpose = timer.purpose
        due = timer.due
    }

    init?(_ value: Value) {
        guard let instance = value["instance"]?.bytesValue.flatMap({ Identifier(bytes: $0) }),
            let name = value["timer"]?.stringValue,
            let step = value["step"]?.stringValue,
            let purpose = value["purpose"]?.stringValue
                .flatMap(InstanceEvent.TimerSet.Purpose.init(rawValue:)),
            let due = value["due"]?.timestampValue
        else { return nil }
        self.instance = instance
        timer = name
        self.step = step
        self.purpose = purpose
        self.due = due
    }
}
