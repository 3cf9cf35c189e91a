import EventModel
import Projections

/// Which rows of a projection are the current ones.
struct ProjectionState: Sendable, Hashable {
    /// Rows of other generations are being built or cleared away.
    var generation: Int64
    /// The hash of the definition that made them.
    var hash: Digest

    var value: Value { ["generation": .int(generation), "hash": .bytes(hash.bytes)] }

    init(generation: Int64, hash: Digest) {
        self.generation = generation
        self.hash = hash
    }

    init?(_ value: Value) {
        guard let generation = value["generation"]?.intValue,
            let hash = value["hash"]?.bytesValue.flatMap({ Digest(bytes: $0) })
        else { return nil }
        self.init(generation: generation, hash: hash)
    }
}

/// The keys under which the tables hold rows.
enum RowKey {
    static func prefix(_ projection: String, _ generation: Int64) -> [UInt8] {
        Array(projection.utf8) + [0]
            + (0..<4).map { UInt8(truncatingIfNeeded: generation >> Int64(24 - 8 * $0)) }
    }

    static func row(_ projection: String, _ generation: Int64, _ key: String) -> [UInt8] {
        prefix(projection, generation) + part(key)
    }

    /// A key's bytes, cut and with a digest if LMDB's limit of 511 bytes could be met.
    static func part(_ key: String) -> [UInt8] {
        let bytes = Array(key.utf8)
        guard bytes.count > 300 else { return bytes }
        return bytes.prefix(260) + Digest.sha256(bytes).bytes
    }
}

extension Row {
    var value: Value {
        .map([
            "key": .string(key), "columns": .map(columns), "position": .uint(position.value),
        ])
    }

    init?(_ value: Value) {
        guard let key = value["key"]?.stringValue, let columns = value["columns"]?.mapValue,
            let position = value["position"]?.intValue
        else { return nil }
        self.init(key: key, columns: columns, position: Position(UInt64(position)))
    }
}
