import CEL
import EventModel

extension Decision {
    /// What expressions at a step can speak of.
    ///
    /// - Parameter node: the step; nil for the workflow's own output.
    func variables(at node: Int?) -> ValueMap {
        var instance: ValueMap = [
            "id": .string(self.instance.text), "workflow": .string(definition.name),
            "entity": state.entity.map { .string($0) } ?? .null,
        ]
        instance["started_at"] = state.startedAt.map { .timestamp($0) } ?? .null
        var variables: ValueMap = [
            "input": state.input, "trigger": state.trigger, "steps": .map(state.outputs),
            "vars": .map(state.variables), "now": .timestamp(at), "instance": .map(instance),
        ]
        if let node {
            // What idempotency_key() gives: the key under which the step's action is called.
            let path = plan.nodes[node].step.path
            variables["idempotency_key"] = .string("\(self.instance.text)/\(path)")
        }
        if let node, let failed = plan.failedStep(around: node) {
            let path = plan.nodes[failed].step.path
            if let step = state.steps[path], let failure = step.failure {
                variables["error"] = [
                    "step": .string(step.cause ?? path), "code": .string(failure.code),
                    "message": .string(failure.message), "details": failure.details,
                ]
            }
        }
        return variables
    }

    func evaluate(_ template: ValueTemplate, at node: Int?) -> Result<Value, ActionFailure> {
        do throws(CELError) {
            return .success(try template.evaluate(variables(at: node)))
        } catch {
            return .failure(.expression(error))
        }
    }

    func evaluate(
        _ condition: StepDefinition.Condition,
        at node: Int
    ) -> Result<Bool, ActionFailure> {
        do throws(CELError) {
            return .success(try condition.expression.truth(variables(at: node)))
        } catch {
            return .failure(.expression(error))
        }
    }
}

extension ActionFailure {
    /// A mistake in an expression; trying again cannot help.
    static func expression(_ error: CELError) -> ActionFailure {
        ActionFailure(
            code: "expression_error",
            message: error.rendered,
            isRetryable: false,
            details: ["expression": .string(error.source), "reason": .string(error.code.rawValue)]
        )
    }
}
