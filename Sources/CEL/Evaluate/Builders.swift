import EventModel

/// Collects the elements of a list and keeps it plain as long as they are.
struct ListBuilder {
    private var plain: [Value] = []
    private var mixed: [Operand]?

    mutating func append(_ element: Operand) {
        if mixed == nil {
            if case .plain(let value) = element {
                plain.append(value)
                return
            }
            mixed = plain.map { .plain($0) }
        }
        mixed?.append(element)
    }

    mutating func reserve(_ count: Int) { plain.reserveCapacity(count) }

    var count: Int { mixed?.count ?? plain.count }

    var operand: Operand {
        if let mixed { .list(mixed) } else { .plain(.list(plain)) }
    }
}

/// Collects the entries of a map; they are sorted once at the end, because inserting them one by
/// one would cost a hostile expression nothing and the machine much.
struct MapBuilder {
    private var entries: [Operand.MapEntry] = []

    mutating func append(_ key: MapKey, _ value: Operand) {
        entries.append(Operand.MapEntry(key: key, value: value))
    }

    var count: Int { entries.count }

    /// The map.
    ///
    /// - Throws: `duplicateKey` if two keys are equal as expressions see it.
    func operand() throws(Fault) -> Operand {
        let sorted = entries.count < 2 ? entries : entries.sorted { $0.key < $1.key }
        var isPlain = true
        var ints: Set<UInt64> = []
        for (index, entry) in sorted.enumerated() {
            if case .plain = entry.value {} else { isPlain = false }
            var isTwin = index > 0 && sorted[index - 1].key == entry.key
            switch entry.key {
            case .int(let number):
                if number >= 0 { isTwin = !ints.insert(UInt64(number)).inserted || isTwin }
            case .uint(let number): isTwin = !ints.insert(number).inserted || isTwin
            case .string, .bool: break
            }
            guard isTwin else { continue }
            throw Fault(.duplicateKey, "the key \(entry.key.described) comes twice in the map")
        }
        guard isPlain else { return .map(sorted) }
        var map = ValueMap()
        for entry in sorted {
            if case .plain(let value) = entry.value { map[entry.key] = value }
        }
        return .plain(.map(map))
    }
}

extension MapKey {
    /// The key as it is named in messages.
    var described: String {
        switch self {
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)u"
        case .string(let text): "'\(text.prefix(80))'"
        case .bool(let bool): "\(bool)"
        }
    }

    /// The key of a map literal; doubles, nulls and lists are no keys.
    init(making operand: Operand) throws(Fault) {
        switch operand {
        case .plain(.string(let text)): self = .string(text)
        case .plain(.int(let number)): self = .int(number)
        case .plain(.uint(let number)): self = .uint(number)
        case .plain(.bool(let bool)): self = .bool(bool)
        case .plain, .type, .optional, .list, .map, .network:
            throw Fault(
                .invalidArgument,
                "a \(operand.typeName) cannot be the key of a map; text, int, uint and bool can"
            )
        }
    }
}
