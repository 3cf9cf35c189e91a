import EventModel

/// Which members and elements of one value were looked at, for `unevaluated…`.
struct SchemaMarks {
    var keys: Set<MapKey> = []
    var hasAllKeys = false
    /// Elements from the first on.
    var prefix = 0
    /// Further elements, those that `contains` found.
    var elements: Set<Int> = []

    mutating func merge(_ other: SchemaMarks) {
        hasAllKeys = hasAllKeys || other.hasAllKeys
        prefix = max(prefix, other.prefix)
        keys.formUnion(other.keys)
        elements.formUnion(other.elements)
    }
}
