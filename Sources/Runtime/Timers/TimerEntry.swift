import EventModel
import WorkflowEngine

/// A timer that is set, as the views hold it: the key's order is the order of the due times.
struct TimerEntry: Sendable, Hashable {
    var instance: EventID
    var timer: WaitingTimer

    var key: [UInt8] {
        TimerEntry.key(due: timer.due, instance: instance, timer: timer.timer)
    }

    static func key(due: Timestamp, instance: EventID, timer: String) -> [UInt8] {
        // LMDB keys end at 511 bytes, and a timer's name holds the whole path of its step.
        let name = Digest.sha256(timer.utf8).bytes.prefix(16)
        return ViewKey.instant(due) + instance.bytes + name
    }

    var value: Value {
        .map([
            "instance": .bytes(instance.bytes),
            "timer": .string(timer.timer),
            "step": .string(timer.step),
            "purpose": .string(timer.purpose.rawValue),
            "due": .timestamp(timer.due),
        ])
    }

    init(instance: EventID, timer: WaitingTimer) {
        self.instance = instance
        self.timer = timer
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
        timer = WaitingTimer(timer: name, step: step, purpose: purpose, due: due)
    }
}
