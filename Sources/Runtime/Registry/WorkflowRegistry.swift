public import Documents
public import EventLog
public import EventModel
public import WorkflowEngine

/// Every version of every workflow that was ever deployed: the fold of the `workflow/` streams.
///
/// It can tell which version was the active one at any position, so that an event starts the same
/// workflows whenever it is looked at, also after everything but the log was deleted.
public struct WorkflowRegistry: Sendable {
    /// One version of a workflow.
    public struct Version: Sendable {
        public var name: String
        /// The hash of the definition.
        public var hash: Digest
        /// Where the deployment stands in the log.
        public var position: Position
        public var deployedAt: Timestamp
        public var deployedBy: String
        public var file: String
        public var source: String
        /// What was read from the source, or why it cannot be read any more.
        public var definition: Result<WorkflowDefinition, Problems>
    }

    /// The type of the event that deploys.
    public static let deployedType = "WorkflowDeployed"
    private static let pageEvents = 500
    private static let overlap: UInt64 = 65_536

    private var versionsByName: [String: [Version]] = [:]
    private var versionByHash: [Digest: Version] = [:]
    private var lastDeployment: Position = .start
    /// The log was folded up to here.
    public private(set) var position: Position = .start

    /// Begins with nothing.
    public init() {}

    /// Folds the whole log.
    ///
    /// - Throws: ``EventLog/EventLogError``.
    public init(store: any EventStore) throws(EventLogError) {
        try catchUp(with: store)
    }

    /// Folds what came since.
    ///
    /// - Throws: ``EventLog/EventLogError``.
    public mutating func catchUp(with store: any EventStore) throws(EventLogError) {
        let head = store.head
        // The index may trail a head that was just published, so the newest part is read again.
        let again = position.value - min(position.value, WorkflowRegistry.overlap)
        if position < head { position = max(lastDeployment, Position(again)) }
        while position < head {
            let page = try store.read(
                from: position.advanced(by: 1),
                direction: .forward,
                limit: WorkflowRegistry.pageEvents,
                filter: EventFilter(
                    categories: ["workflow"],
                    types: [WorkflowRegistry.deployedType]
                )
            )
            for event in page { fold(event) }
            guard let last = page.last, page.count == WorkflowRegistry.pageEvents else {
                position = max(position, max(head, page.last?.position ?? head))
                return
            }
            position = last.position
        }
    }

    /// All names, in order.
    public var names: [String] { versionsByName.keys.sorted() }

    /// All versions of a workflow, the oldest first.
    public func versions(of name: String) -> [Version] { versionsByName[name] ?? [] }

    /// The version that new instances are started with.
    public func active(_ name: String) -> Version? { versionsByName[name]?.last }

    /// The version that was active just before a position.
    public func active(_ name: String, before position: Position) -> Version? {
        versionsByName[name]?.last { $0.position < position }
    }

    /// The version of a hash.
    public func version(_ hash: Digest) -> Version? { versionByHash[hash] }

    /// The definitions that were active just before a position, by name; unreadable ones are left out.
    public func definitions(before position: Position) -> [WorkflowDefinition] {
        names.compactMap { name in try? active(name, before: position)?.definition.get() }
    }

    /// The types of events that any version ever waited for, beside webhooks, records and requests.
    private(set) var eventTypesWanted: Set<String> = []

    private mutating func fold(_ event: Event) {
        lastDeployment = event.position
        guard let name = event.data["name"]?.stringValue,
            let source = event.data["source"]?.stringValue
        else { return }
        let file = event.data["file"]?.stringValue ?? "\(name).yaml"
        let definition: Result<WorkflowDefinition, Problems>
        do throws(Problems) {
            // Actions come and go; what was once deployed stays readable without them.
            definition = .success(
                try WorkflowDefinition.parse(
                    source,
                    file: file,
                    actions: nil,
                    functions: .workflows
                )
            )
        } catch {
            definition = .failure(error)
        }
        let recorded = event.data["definition"]?.stringValue.flatMap(Digest.init(hexadecimal:))
        guard let hash = recorded else { return }
        let version = Version(
            name: name,
            hash: hash,
            position: event.position,
            deployedAt: event.recordedAt,
            deployedBy: event.actor,
            file: file,
            source: source,
            definition: definition
        )
        versionsByName[name, default: []].append(version)
        versionByHash[hash] = version
        if let definition = try? definition.get() {
            eventTypesWanted.formUnion(definition.eventTypesWanted)
        }
    }
}

extension Digest {
    /// Reads 64 hexadecimal digits; nil for anything else.
    init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        self.init(bytes: bytes)
    }
}
