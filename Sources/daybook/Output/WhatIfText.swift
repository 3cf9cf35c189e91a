import EventModel
import Runtime
import WorkflowEngine

extension WhatIf {
    /// The first difference, the two outcomes and the calls, for people.
    func lines(file: String?) -> [String] {
        let version = String(definition.hash.hexadecimal.prefix(12))
        let name = file.map { "\(definition.name) of \($0)" } ?? definition.name
        var lines = [
            Terminal.styled("what if \(instance)", .bold) + " had run \(name) (\(version))", "",
        ]
        if let difference {
            lines.append(Terminal.styled("first difference", .bold))
            lines.append("  recorded  \(Self.shown(difference.recorded))")
            lines.append("  imagined  \(Self.shown(difference.imagined))")
            lines += difference.memberLines(limit: 8).map { "    " + $0 }
        } else if !run.isBrokenOff || goesBeyondRecord {
            lines.append(
                "no difference: it does what was recorded" + (goesBeyondRecord ? " so far" : "")
            )
        } else {
            lines.append("no difference up to where it stops")
        }
        lines += ["", Terminal.styled("outcome", .bold)]
        lines.append("  recorded  \(recorded.text)")
        lines.append("  imagined  \(imaginedText)")
        lines += ["", Terminal.styled("calls it would have made", .bold)]
        lines += run.calls.isEmpty ? ["  none"] : run.callTable
        lines.append("")
        lines.append("nothing was appended and nothing was called")
        return lines
    }

    private var imaginedText: String {
        guard !run.isEnded else { return imagined.text }
        return "it stops: " + run.standstill.joined(separator: "; ")
    }

    private static func shown(_ entry: HistoryDifference.Entry?) -> String {
        guard let entry else { return "nothing that the other lacks" }
        return "#\(entry.number) "
            + EventSentence.text(type: entry.event.type, data: entry.event.data)
    }

    /// For programs.
    var value: Value {
        [
            "instance": .string(instance.text),
            "workflow": .string(definition.name),
            "definition": .string(definition.hash.hexadecimal),
            "recorded_definition": recordedDefinition.map { .string($0.hexadecimal) } ?? .null,
            "first_difference": difference?.value ?? .null,
            "recorded": recorded.value, "imagined": imagined.value,
            "standstill": .list(run.standstill.map(Value.string)),
            "calls": .list(run.calls.map(\.value)),
            "events": .list(
                run.history.map { event, at in
                    ["type": .string(event.type), "time": .timestamp(at), "data": event.data]
                }
            ),
        ]
    }
}

extension WhatIf.Outcome {
    /// A line: the status, the word and what came out.
    var text: String {
        var text = status.rawValue
        if let word, word != text { text += " (\(word))" }
        if let failure {
            text += ", \(failedStep ?? "?"): \(failure.code): \(failure.message)"
        }
        if !output.isNull { text += "  \(EventSentence.shown(output).cut(160))" }
        return text
    }

    var value: Value {
        [
            "status": .string(status.rawValue), "outcome": word.map(Value.string) ?? .null,
            "output": output, "failed_step": failedStep.map(Value.string) ?? .null,
            "failure": failure.map {
                ["code": .string($0.code), "message": .string($0.message)]
            } ?? .null,
        ]
    }
}

extension HistoryDifference {
    /// What differs between the two events, if they are of one type and step.
    func memberLines(limit: Int) -> [String] {
        guard let recorded, let imagined, recorded.event.type == imagined.event.type,
            recorded.event.data["step"] == imagined.event.data["step"]
        else { return [] }
        let changes = ValueDifference.between(
            recorded.event.data,
            imagined.event.data,
            ignoring: ["idempotency_key", "deadline", "expression"]
        ).filter { !HistoryDifference.isAlike($0.before ?? .null, $0.after ?? .null) }
        let more = changes.count - limit
        return changes.prefix(limit).flatMap(\.lines) + (more > 0 ? ["and \(more) more"] : [])
    }

    var value: Value {
        ["recorded": recorded?.value ?? .null, "imagined": imagined?.value ?? .null]
    }
}

extension HistoryDifference.Entry {
    fileprivate var value: Value {
        [
            "number": .int(Int64(number)), "type": .string(event.type), "time": .timestamp(at),
            "data": event.data,
            "sentence": .string(EventSentence.text(type: event.type, data: event.data)),
        ]
    }
}

extension Reimagining {
    /// A row a call, with what answers it.
    var callTable: [String] {
        var table = Table(["step", "action", "attempt", "answered by"])
        for call in calls {
            table.add([
                call.call.step, call.call.action, String(call.call.attempt), call.answerText,
            ])
        }
        return table.lines(indentation: "  ")
    }
}

extension Reimagining.Call {
    /// What answers it, in words.
    var answerText: String {
        guard let found else { return "nothing in the record" }
        let result =
            switch found.call.outcome {
            case .succeeded: "success"
            case .failed(let failure): "failure \(failure.code)"
            case .silent: "silence"
            case .open: "nothing yet"
            }
        let source =
            switch found.match {
            case .step: found.isInputSame ? "its record" : "its record, for another input"
            case .input: "the record of '\(found.call.step)'"
            }
        return "\(source): \(result)"
    }

    var value: Value {
        var map: ValueMap = [
            "step": .string(call.step), "action": .string(call.action),
            "attempt": .int(Int64(call.attempt)), "input": call.input,
            "time": .timestamp(call.at), "answered": .bool(found != nil),
        ]
        if let found {
            map["answered_by"] = .string(found.match.rawValue)
            map["recorded_step"] = .string(found.call.step)
            map["same_input"] = .bool(found.isInputSame)
        }
        return .map(map)
    }
}
