import CLMDB

/// A table of an environment: its name and how its keys are ordered.
struct Table: Sendable {
    enum Keys: Sendable {
        /// Bytes in lexicographic order.
        case bytes
        /// Native 64-bit integers.
        case integers
    }

    let name: String
    let keys: Keys

    init(_ name: String, keys: Keys = .bytes) {
        self.name = name
        self.keys = keys
    }

    var flags: UInt32 {
        switch keys {
        case .bytes: 0
        case .integers: UInt32(MDB_INTEGERKEY)
        }
    }
}
