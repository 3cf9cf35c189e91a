public import EventModel

/// What an agent says of itself when it registers.
public struct AgentIntroduction: Sendable, Hashable {
    public var agent: String
    public var capabilities: [String]
    public var capacity: Int
    public var entities: [String]
    public var version: String?
    public var description: String?

    /// Reads the body of a registration.
    ///
    /// - Throws: ``AgentError`` with what is wrong and what is allowed.
    public init(_ body: Value) throws(AgentError) {
        agent = try body.name("agent")
        capabilities = try body.names("capabilities", max: AgentLimits.capabilitiesMax)
        guard !capabilities.isEmpty else {
            throw AgentError(.badRequest, "'capabilities' must name at least one")
        }
        entities = try body.names("entities", max: AgentLimits.entitiesMax)
        capacity = try body.integer("capacity", 1, in: 1...AgentLimits.capacityMax)
        version = try body.line("version")
        description = try body.line("description")
    }
}

/// One step as an agent gets it.
public struct AgentAssignment: Sendable, Hashable {
    public var assignment: AgentWork.Assignment
    public var offer: AgentWork.Offer
    public var input: Value
    /// The same for every try of the step that may have taken effect already.
    public var idempotencyKey: String

    /// The form in which it is sent.
    public var value: Value {
        var members: ValueMap = [
            "work": .string(offer.work.text), "number": .int(Int64(assignment.number)),
            "capability": .string(offer.capability), "workflow": .string(offer.workflow),
            "instance": .string(offer.instance.text), "step": .string(offer.step),
            "attempt": .int(Int64(offer.attempt)),
            "idempotency_key": .string(idempotencyKey), "input": input,
        ]
        members["entity"] = offer.entity.map(Value.string)
        members["finish_before"] = assignment.finishBefore.map(Value.timestamp)
        return .map(members)
    }
}

extension Value {
    /// A name: lower-case letters, digits, `_`, `-` and `.`.
    func name(_ key: String) throws(AgentError) -> String {
        guard let text = self[key]?.stringValue else {
            throw AgentError(.badRequest, "'\(key)' is missing")
        }
        try Value.checkName(text, key)
        return text
    }

    func names(_ key: String, max: Int) throws(AgentError) -> [String] {
        guard let value = self[key], !value.isNull else { return [] }
        guard let list = value.listValue, list.count <= max else {
            throw AgentError(.badRequest, "'\(key)' must be a list of at most \(max) names")
        }
        var names: [String] = []
        for element in list {
            guard let text = element.stringValue else {
                throw AgentError(.badRequest, "'\(key)' must hold names only")
            }
            try Value.checkName(text, key)
            if !names.contains(text) { names.append(text) }
        }
        return names
    }

    func integer(
        _ key: String,
        _ missing: Int,
        in range: ClosedRange<Int>
    ) throws(AgentError) -> Int {
        guard let value = self[key], !value.isNull else { return missing }
        guard let number = value.intValue.flatMap({ Int(exactly: $0) }), range.contains(number)
        else {
            throw AgentError(
                .badRequest,
                "'\(key)' must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    func line(_ key: String) throws(AgentError) -> String? {
        guard let value = self[key], !value.isNull else { return nil }
        guard let text = value.stringValue, text.utf8.count <= AgentLimits.descriptionBytesMax
        else {
            throw AgentError(
                .badRequest,
                "'\(key)' must be a text of at most \(AgentLimits.descriptionBytesMax) bytes"
            )
        }
        return text
    }

    /// The id and the number of an assignment.
    func assignment(of agent: String, _ session: String) throws(AgentError)
        -> AgentWork.Assignment
    {
        guard let work = self["work"]?.identifier else {
            throw AgentError(.badRequest, "'work' must be the id that the assignment came with")
        }
        guard let number = self["number"]?.intValue else {
            throw AgentError(.badRequest, "'number' must be that of the assignment")
        }
        return AgentWork.Assignment(
            work: work,
            agent: agent,
            session: session,
            number: Int(clamping: number)
        )
    }

    private static func checkName(_ text: String, _ key: String) throws(AgentError) {
        let isName =
            !text.isEmpty && text.utf8.count <= AgentLimits.nameBytesMax
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x61...0x7A, 0x30...0x39, 0x5F, 0x2D, 0x2E: true
                default: false
                }
            }
        guard isName else {
            throw AgentError(
                .badRequest,
                "'\(text.prefix(100))' in '\(key)' is no name; use 1 to "
                    + "\(AgentLimits.nameBytesMax) lower-case letters, digits, _, - and ."
            )
        }
    }
}
