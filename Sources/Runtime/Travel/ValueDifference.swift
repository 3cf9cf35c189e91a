public import EventModel

/// A member that is not the same in two values.
public struct ValueDifference: Sendable, Hashable {
    /// Where it is: `steps.client_lookup.phase`, `outputs.people[0]`.
    public var path: String
    /// Nil if it is not there.
    public var before: Value?
    /// Nil if it is not there any more.
    public var after: Value?

    /// The members that differ, in the order of their paths; lists are compared place by place.
    ///
    /// - Parameters:
    ///   - before: one value.
    ///   - after: the other.
    ///   - ignoring: members of the outermost map that are not looked at.
    public static func between(
        _ before: Value,
        _ after: Value,
        ignoring: Set<String> = []
    ) -> [ValueDifference] {
        var found: [ValueDifference] = []
        compare(before, after, at: "", ignoring, &found)
        return found
    }

    private static func compare(
        _ before: Value?,
        _ after: Value?,
        at path: String,
        _ ignored: Set<String>,
        _ found: inout [ValueDifference]
    ) {
        guard before != after else { return }
        if case .map(let old)? = before, case .map(let new)? = after {
            let names = Set(old.stringKeys).union(new.stringKeys).subtracting(ignored).sorted()
            // A map with other keys than texts is taken whole.
            if old.stringKeys.count == old.count, new.stringKeys.count == new.count {
                for name in names {
                    compare(old[name], new[name], at: path + member(name, path), [], &found)
                }
                return
            }
        }
        if case .list(let old)? = before, case .list(let new)? = after {
            for index in 0..<max(old.count, new.count) {
                let place = "\(path)[\(index)]"
                compare(
                    old.indices.contains(index) ? old[index] : nil,
                    new.indices.contains(index) ? new[index] : nil,
                    at: place,
                    [],
                    &found
                )
            }
            return
        }
        found.append(ValueDifference(path: path, before: before, after: after))
    }

    private static func member(_ name: String, _ path: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        guard isPlain else { return "[\"\(name)\"]" }
        return path.isEmpty ? name : ".\(name)"
    }
}
