import DaybookTestKit
import Documents
import EventLog
import EventModel
import Foundation
import Records
import Runtime
import WorkflowEngine

/// A real log with a seal, in a temporary folder, as an engine has it.
struct SealedLog {
    static let master = Array(repeating: 7 as UInt8, count: 32)

    let folder: TemporaryFolder
    let log: EventLog
    let keys: KeyStore
    let store: SealingEventStore
    let subjects: SubjectService
    let secrets: InMemorySecrets

    init(
        _ folder: TemporaryFolder,
        master: [UInt8] = SealedLog.master,
        time: any TimeSource = VirtualTime(),
        secrets: InMemorySecrets = InMemorySecrets(),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        self.folder = folder
        self.secrets = secrets
        log = try EventLog.open(at: folder.file("data"))
        keys = try await SealedLog.keys(folder, master: master)
        store = SealingEventStore(
            log,
            policy: PersonalData(databases: try SealedLog.databases()),
            keys: keys,
            notice: notice
        )
        let views = folder.file("data/views")
        subjects = SubjectService(
            store: store,
            keys: keys,
            secrets: secrets,
            time: time,
            onErase: { try EngineViews.rewrite(at: views, after: $0) }
        )
    }

    static func keys(
        _ folder: TemporaryFolder,
        master: [UInt8] = SealedLog.master,
        mode: EventLogConfiguration.Mode = .readWrite
    ) async throws -> KeyStore {
        try await KeyStore.open(
            at: folder.file("data/keys"),
            master: try MasterKey(bytes: master, origin: "the test"),
            mode: mode,
            now: { Timestamp(seconds: 1_796_000_000) }
        )
    }

    /// The databases as the repository describes them.
    static func databases() throws -> DatabaseCatalogue {
        let folder = URL(fileURLWithPath: "Schemas/databases")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }.sorted()
        return try DatabaseCatalogueReader.catalogue(
            try names.map { name in
                let file = folder.appendingPathComponent(name)
                return (name, try String(contentsOf: file, encoding: .utf8))
            }
        )
    }

    func close() async {
        await log.close()
        await keys.close()
    }

    /// Which of some texts stand anywhere in the files below the folder, and where.
    static func leaks(of needles: [String], in path: String) throws -> [String] {
        let files = FileManager.default.enumerator(atPath: path)
        var leaks: [String] = []
        while let name = files?.nextObject() as? String {
            guard let data = FileManager.default.contents(atPath: "\(path)/\(name)") else {
                continue
            }
            for needle in needles where data.range(of: Data(needle.utf8)) != nil {
                leaks.append("\(name): \(needle)")
            }
        }
        return leaks.sorted()
    }
}

/// Maya, as the log hears of her.
enum Maya {
    static let page = "2b4c1f00-0000-4000-8000-00000000aaaa"
    static let subject = "contacts_profiles/\(page)"
    static let name = "Maya Lindqvist-Okafor"
    static let mail = "maya.lindqvist@example.org"
    static let phone = "+46 70 123 45 67"
    static let needles = [name, mail, phone, "+46701234567", "Lindqvist"]
    static let story = SampleEvents.id(900)

    static func created(_ number: Int = 1) -> StreamWrite {
        let fields: ValueMap = [
            "full_name": .string(name), "email": .string(mail), "phone": .string(phone),
            "status": "Active Client", "preferences": ["tea": .string("for \(name)")],
        ]
        return record("contacts_profiles", page, .created(fields: fields), number)
    }

    static func record(
        _ database: String,
        _ page: String,
        _ kind: RecordEvent.Kind,
        _ number: Int
    ) -> StreamWrite {
        let event = RecordEvent(
            database: database,
            sourceID: page,
            kind: kind,
            editedAt: Timestamp(seconds: 1_795_000_000)
        )
        let proposed = ProposedEvent(
            id: SampleEvents.id(number),
            type: event.type,
            actor: "notion:u-1",
            data: event.data,
            metadata: ["source": "sync"]
        )
        return StreamWrite(stream: event.stream, expected: .any, events: [proposed])
    }

    /// A webhook, and a step of the instance that it started.
    static func booking() -> [StreamWrite] {
        let received = ProposedEvent(
            id: story,
            type: "WebhookReceived",
            actor: "webhook:booking_system",
            data: [
                "source": "booking_system", "event": "new_booking", "delivery_id": "msg_1",
                "headers": [:],
                "payload": [
                    "client": ["name": .string(name), "email": .string(mail.uppercased())],
                    "phone": 46_701_234_567, "duration_minutes": 60,
                    "payment_info": "secret://payment_info/abc",
                ],
            ]
        )
        let completed = ProposedEvent(
            id: SampleEvents.id(901),
            type: "StepCompleted",
            actor: "system",
            correlation: story,
            data: [
                "step": "client_lookup", "attempt": 1,
                "output": ["id": .string(page), "note": .string("found \(name)")],
            ]
        )
        return [
            StreamWrite(
                stream: StreamName(category: "webhook", "booking_system/msg_1"),
                expected: .none,
                events: [received]
            ),
            StreamWrite(
                stream: StreamName(category: "sample", "1"),
                expected: .any,
                events: [completed]
            ),
        ]
    }
}
