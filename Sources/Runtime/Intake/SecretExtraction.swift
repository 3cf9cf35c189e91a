import EventModel

/// Takes secrets out of a payload and puts references in their places.
struct SecretExtraction: Sendable {
    /// What must be kept before the payload may be recorded.
    private(set) var secrets: [(reference: SecretReference, bytes: [UInt8])] = []
    private(set) var payload: Value

    /// Takes out members.
    ///
    /// - Parameters:
    ///   - paths: names of members, with dots between those of nested maps: `payment_info.card`.
    ///   - payload: the delivery's content.
    ///   - event: the id of its event; references are derived from it, so a repeat has the same ones.
    init(paths: [String], of payload: ValueMap, event: EventID) throws(IntakeError) {
        self.payload = .map(payload)
        // A longer path first: when its parent is taken out as well, the inner secret is a reference.
        for path in Set(paths).sorted(by: { ($0.utf8.count, $0) > ($1.utf8.count, $1) }) {
            let keys = path.split(separator: ".").map(String.init)
            guard let reference = SecretExtraction.reference(path, event) else {
                throw IntakeError(
                    .malformed,
                    "'\(path)' cannot name a secret; use lower-case letters, digits, _ - and ."
                )
            }
            let text = Value.string(reference.description)
            let (changed, taken) = SecretExtraction.replace(keys[...], in: self.payload, by: text)
            guard let taken else { continue }
            self.payload = changed
            secrets.append((reference, taken.canonicalBytes))
        }
    }

    private static func reference(_ path: String, _ event: EventID) -> SecretReference? {
        let identifier = Identifier.derived(from: event, "secret/\(path)").text
        return SecretReference(name: path, identifier: identifier)
    }

    private static func replace(
        _ keys: ArraySlice<String>,
        in value: Value,
        by replacement: Value
    ) -> (changed: Value, taken: Value?) {
        guard let key = keys.first, var map = value.mapValue, let member = map[key],
            !member.isNull
        else { return (value, nil) }
        if keys.count == 1 {
            map[key] = replacement
            return (.map(map), member)
        }
        let (changed, taken) = replace(keys.dropFirst(), in: member, by: replacement)
        map[key] = changed
        return (.map(map), taken)
    }
}
