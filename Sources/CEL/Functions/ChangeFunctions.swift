import EventModel

extension FunctionLibrary {
    /// What asks about the event that the expression is evaluated for.
    mutating func addChanges() {
        add(
            "changed",
            .global,
            -1,
            .variadic { (context, operands) throws(Fault) in
                .bool(try ChangeFunctions.changed(&context, operands))
            }
        )
        add(
            "idempotency_key",
            .global,
            -1,
            .variadic { (context, operands) throws(Fault) in
                .string(try ChangeFunctions.idempotencyKey(&context, operands))
            }
        )
    }
}

enum ChangeFunctions {
    /// Whether one of the fields has changed; without fields, whether anything has.
    ///
    /// What is asked is a pair of `before` and `after`, or something with `changes` by field, or a
    /// record, for which the event's own `changes` are looked at.
    static func changed(_ context: inout Context, _ operands: [Operand]) throws(Fault) -> Bool {
        guard let record = operands.first else { throw .overload }
        var fields: [String] = []
        for operand in operands.dropFirst() { fields.append(try Cast.string(operand)) }
        if let before = member("before", record), let after = member("after", record) {
            return try differ(&context, before, after, fields)
        }
        guard Entries(record) != nil || record.isNull else { throw .overload }
        let variables = Operand.plain(.map(context.variables))
        let found =
            member("changes", record) ?? member("changes", variables)
            ?? member("trigger", variables).flatMap { member("changes", $0) }
        guard let found, let changes = Entries(found) else {
            throw Fault(
                .invalidArgument,
                "changed() finds no changes here: give it a map with 'before' and 'after', or ask in a"
                    + " workflow that a record starts"
            )
        }
        for index in 0..<changes.count {
            try context.step()
            guard case .string(let field) = changes.key(index),
                fields.isEmpty || fields.contains(field)
            else { continue }
            let change = changes.value(index)
            guard let before = member("before", change), let after = member("after", change) else {
                return true
            }
            if try !context.areEqual(before, after) { return true }
        }
        return false
    }

    private static func differ(
        _ context: inout Context,
        _ before: Operand,
        _ after: Operand,
        _ fields: [String]
    ) throws(Fault) -> Bool {
        guard !fields.isEmpty else { return try !context.areEqual(before, after) }
        for field in fields {
            try context.step()
            // A member that is not there is as good as one that is null.
            let left = member(field, before) ?? .null
            let right = member(field, after) ?? .null
            if try !context.areEqual(left, right) { return true }
        }
        return false
    }

    private static func member(_ name: String, _ operand: Operand) -> Operand? {
        Entries(operand)?[.string(name)]
    }

    /// Without arguments the key of the running step, which is the same in all its attempts; with
    /// arguments, one that is the same for the same values: 32 digits of their SHA-256.
    static func idempotencyKey(
        _ context: inout Context,
        _ operands: [Operand]
    ) throws(Fault) -> String {
        guard !operands.isEmpty else {
            guard case .string(let key) = context.variables["idempotency_key"] else {
                throw Fault(
                    .invalidArgument,
                    "idempotency_key() is known only inside a step; elsewhere name what the key stands"
                        + " for, as in idempotency_key(record.id, now)"
                )
            }
            return key
        }
        var values: [Value] = []
        for operand in operands { values.append(try context.value(operand)) }
        let bytes = Value.list(values).canonicalBytes
        try context.bytes(bytes.count)
        return String(Digest.sha256(bytes).hexadecimal.prefix(32))
    }
}

extension Operand {
    var isNull: Bool {
        if case .plain(.null) = self { true } else { false }
    }
}
