import Crypto
import EventLog
public import EventModel
import Foundation
import Synchronization

/// The keys of subjects, each wrapped by the master key, in an LMDB environment of their own.
///
/// It cannot be made again from the log: what it loses is lost. What it destroys is destroyed, too.
public final class KeyStore: Sendable {
    /// Format, identity, and the keys that everything hangs on.
    static let meta = "meta"
    /// Subject to its ``KeyRow``.
    static let subjects = "subjects"
    /// Keyed hash of a handle and subject, so that the subjects of a handle are found.
    static let handles = "handles"
    /// Subject, a zero, and keyed hash: the handles of a subject.
    static let handlesOf = "handles_of"
    /// Id of a tombstone to the ``Erasure`` whose tombstone is not known to be in the log.
    static let pending = "pending"
    static let tables = [meta, subjects, handles, handlesOf, pending]

    static let identityName = Array("identity".utf8)
    static let handleKeyName = Array("handle_key".utf8)
    static let cursorName = Array("tombstones".utf8)
    static let handleKeyPurpose = "handles"
    static let handleBytes = 16

    let vault: VaultStore
    /// Random, made with the store; the log remembers it.
    public let identity: EventID
    let secrets: Mutex<Secrets>
    private let cache = Mutex(KeyCache())
    private let wanted = Mutex<[Subject: Set<[UInt8]>]>([:])
    let now: @Sendable () -> Timestamp

    struct Secrets: Sendable {
        var master: MasterKey
        var handleKey: SymmetricKey
    }

    init(
        vault: VaultStore,
        identity: EventID,
        secrets: Secrets,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.vault = vault
        self.identity = identity
        self.secrets = Mutex(secrets)
        self.now = now
    }

    /// The folder.
    public var folder: String { vault.folder }
    /// Where the master key came from.
    public var masterKeyOrigin: String { secrets.withLock { $0.master.origin } }

    /// Closes the files.
    public func close() async { await vault.close() }

    // MARK: Looking up

    /// The keys of subjects, from memory or else from the file in one look.
    func states(of subjects: Set<Subject>) -> [Subject: KeyState] {
        var found: [Subject: KeyState] = [:]
        var unknown: [Subject] = []
        let changes = cache.withLock { cache in
            for subject in subjects {
                if let state = cache.state(of: subject) {
                    found[subject] = state
                } else {
                    unknown.append(subject)
                }
            }
            return cache.changeCount
        }
        guard !unknown.isEmpty else { return found }
        let rows = try? vault.read { transaction in
            try unknown.map { subject in
                try transaction.get(KeyStore.subjects, key: KeyStore.key(subject))
            }
        }
        for (subject, row) in zip(unknown, rows ?? unknown.map { _ in nil }) {
            let state = rows == nil ? KeyState.unavailable : self.state(subject, row)
            found[subject] = state
            // What was read before somebody destroyed it must not be remembered after.
            cache.withLock { cache in
                if cache.changeCount == changes { cache.note(subject, state) }
            }
        }
        return found
    }

    private func state(_ subject: Subject, _ bytes: [UInt8]?) -> KeyState {
        guard let bytes else { return .missing }
        guard let row = KeyRow(bytes) else { return .damaged }
        switch row.state {
        case .erased: return .erased
        case .live(let wrapped):
            let master = secrets.withLock { $0.master }
            guard let key = master.unwrap(wrapped, for: subject.text) else { return .damaged }
            return .live(SymmetricKey(data: key))
        }
    }

    // MARK: Making keys

    /// Makes the keys that are missing and notes the handles that are new; returns when they would
    /// survive a power failure.
    ///
    /// Callers that come at the same time share one commit.
    func prepare(
        _ subjects: [Subject: Set<String>]
    ) async throws -> [Subject: KeyState] {
        var missing: [Subject: Set<[UInt8]>] = [:]
        for (subject, handles) in subjects {
            let hashes = Set(handles.map(hash))
            if !cache.withLock({ $0.holds(subject, hashes) }) { missing[subject] = hashes }
        }
        if !missing.isEmpty {
            wanted.withLock { wanted in
                wanted.merge(missing) { $0.union($1) }
            }
            try await vault.write { [self] transaction in try makeWanted(transaction) }
            cache.withLock { cache in
                for (subject, hashes) in missing { cache.note(subject, hashes) }
            }
        }
        return states(of: Set(subjects.keys))
    }

    private func makeWanted(_ transaction: TableWriteTransaction) throws {
        // Read, not taken: the closure may run again, and to make the same twice changes nothing.
        let wanted = wanted.withLock { $0 }
        for (subject, hashes) in wanted {
            let key = KeyStore.key(subject)
            if let bytes = try transaction.get(KeyStore.subjects, key: key) {
                guard let row = KeyRow(bytes) else { continue }
                if case .erased = row.state { continue }
            } else {
                let fresh = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
                let master = secrets.withLock { $0.master }
                let wrapped = try master.wrap(fresh, for: subject.text)
                let row = KeyRow(state: .live(wrapped: wrapped), madeAt: now())
                try transaction.put(KeyStore.subjects, key: key, value: row.value.canonicalBytes)
                // A reader may have looked before the key was there.
                cache.withLock { $0.forget(subject) }
            }
            for hash in hashes {
                try transaction.put(KeyStore.handles, key: hash + key, value: [1])
                try transaction.put(KeyStore.handlesOf, key: key + [0] + hash, value: [1])
            }
        }
        self.wanted.withLock { left in
            for (subject, hashes) in wanted where left[subject] == hashes { left[subject] = nil }
        }
    }

    // MARK: Handles

    func hash(_ handle: String) -> [UInt8] {
        let key = secrets.withLock { $0.handleKey }
        let code = HMAC<SHA256>.authenticationCode(for: Array(handle.utf8), using: key)
        return Array(code.prefix(KeyStore.handleBytes))
    }

    /// The subjects that have one of the handles, without those that were erased.
    func subjects(withHandles hashes: Set<[UInt8]>) throws -> Set<Subject> {
        try vault.read { transaction in
            var found: Set<Subject> = []
            for hash in hashes {
                for entry in try transaction.scan(KeyStore.handles, prefix: hash) {
                    let text = String(decoding: entry.key.dropFirst(hash.count), as: UTF8.self)
                    if let subject = Subject(text) { found.insert(subject) }
                }
            }
            return found
        }
    }

    /// The keyed hashes of a subject's handles.
    func handles(of subject: Subject) throws -> Set<[UInt8]> {
        let prefix = KeyStore.key(subject) + [0]
        return try vault.read { transaction in
            let entries = try transaction.scan(KeyStore.handlesOf, prefix: prefix)
            return Set(entries.map { Array($0.key.dropFirst(prefix.count)) })
        }
    }

    static func key(_ subject: Subject) -> [UInt8] { Array(subject.text.utf8) }

    /// Forgets what is in memory, after something was changed on the disk.
    func forget(_ subjects: some Sequence<Subject>) {
        cache.withLock { cache in for subject in subjects { cache.forget(subject) } }
    }

    func forgetAll() { cache.withLock { $0.forgetAll() } }
}

/// The keys that were used lately.
private struct KeyCache: Sendable {
    private struct Entry: Sendable {
        var state: KeyState?
        var handles: Set<[UInt8]> = []
    }

    // Two generations instead of a list: what is used is carried over, the rest is dropped whole.
    private var young: [Subject: Entry] = [:]
    private var old: [Subject: Entry] = [:]
    private static let generationMax = 8192
    /// How often anything was forgotten.
    private(set) var changeCount = 0

    mutating func state(of subject: Subject) -> KeyState? { entry(subject)?.state }

    /// Whether the key is there and all handles are known to be kept.
    mutating func holds(_ subject: Subject, _ handles: Set<[UInt8]>) -> Bool {
        guard let entry = entry(subject), let state = entry.state else { return false }
        switch state {
        case .live: return handles.isSubset(of: entry.handles)
        case .erased: return true
        case .missing, .damaged, .unavailable: return false
        }
    }

    mutating func note(_ subject: Subject, _ state: KeyState) {
        switch state {
        // What is missing may come at any moment.
        case .missing, .unavailable: return
        case .live, .erased, .damaged: break
        }
        var changed = entry(subject) ?? Entry()
        changed.state = state
        put(subject, changed)
    }

    mutating func note(_ subject: Subject, _ handles: Set<[UInt8]>) {
        var changed = entry(subject) ?? Entry()
        changed.handles.formUnion(handles)
        put(subject, changed)
    }

    mutating func forget(_ subject: Subject) {
        changeCount += 1
        young[subject] = nil
        old[subject] = nil
    }

    mutating func forgetAll() {
        changeCount += 1
        young = [:]
        old = [:]
    }

    private mutating func entry(_ subject: Subject) -> Entry? {
        if let entry = young[subject] { return entry }
        guard let entry = old.removeValue(forKey: subject) else { return nil }
        put(subject, entry)
        return entry
    }

    private mutating func put(_ subject: Subject, _ entry: Entry) {
        young[subject] = entry
        guard young.count > Self.generationMax else { return }
        old = young
        young = [:]
    }
}
