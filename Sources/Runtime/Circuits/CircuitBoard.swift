public import EventLog
public import EventModel
import Logging
import Synchronization
import WorkflowEngine

/// The circuit breakers of all integrations.
///
/// Each change of a phase is an event in the stream `integration/<name>`. A start takes up the newest
/// one of each, so an integration that is down is not stormed by an engine that was restarted.
final class CircuitBoard: Sendable {
    /// How many of the newest events a start looks through.
    static let eventsMax = 2_000

    private let context: EngineContext
    private let circuits = Mutex<[String: Circuit]>([:])

    init(context: EngineContext) { self.context = context }

    private var settings: CircuitSettings { context.configuration.circuits }

    /// Takes up what the log says.
    func open() {
        do throws(EventLogError) {
            let kept = try CircuitReader.circuits(in: context.store)
            circuits.withLock { $0 = kept.mapValues(\.circuit) }
        } catch {
            context.logger.error("circuits are not taken up", metadata: ["error": "\(error)"])
        }
    }

    /// How many calls of an integration may begin now; nil for any number.
    func room(_ integration: String) -> Int? {
        let now = context.time.now
        return circuits.withLock { $0[integration]?.room(at: now) }
    }

    /// When held back calls of an integration can go on, if only time keeps them.
    func until(_ integration: String) -> Timestamp? {
        circuits.withLock { circuits in
            guard let circuit = circuits[integration], circuit.phase == .open else { return nil }
            return circuit.until
        }
    }

    func admit(_ integration: String) async -> Circuit.Admission {
        let now = context.time.now
        let (admission, change) = circuits.withLock { circuits in
            circuits[integration, default: Circuit()].admit(at: now)
        }
        if let change { await record(change, integration) }
        return admission
    }

    /// Tells what a call came to; nil for a failure means that it reached the other side.
    func note(_ integration: String, outage code: String?) async {
        let now = context.time.now
        let settings = settings
        let change = circuits.withLock { circuits -> Circuit.Change? in
            guard let code else { return circuits[integration, default: Circuit()].reached() }
            return circuits[integration, default: Circuit()].missed(code, at: now, settings)
        }
        if let change { await record(change, integration) }
    }

    func gaveUp(_ integration: String) {
        let now = context.time.now
        circuits.withLock { $0[integration]?.gaveUp(at: now) }
    }

    /// Where all of them stand, by name.
    var statuses: [EngineHealth.Circuit] {
        circuits.withLock { circuits in
            circuits.map { CircuitReader.status($0.key, $0.value) }
        }.sorted { $0.integration < $1.integration }
    }

    private func record(_ change: Circuit.Change, _ integration: String) async {
        let (type, data) = Circuit.event(change, of: integration)
        context.logger.warning(
            "a circuit changed",
            metadata: ["integration": "\(integration)", "event": "\(type)"]
        )
        let event = ProposedEvent(
            id: context.configuration.makeIdentifier(context.time.now),
            type: type,
            actor: context.configuration.actor,
            data: data
        )
        let stream = StreamName(category: "integration", integration)
        do throws(EventLogError) {
            _ = try await context.store.append([
                StreamWrite(stream: stream, expected: .any, events: [event])
            ])
        } catch {
            // The circuit protects all the same; only the record of it is missing.
            context.logger.error("a circuit is not recorded", metadata: ["error": "\(error)"])
        }
    }
}

/// Reads circuits from the log, for commands and for the start.
public enum CircuitReader {
    static func circuits(
        in store: any EventStore
    ) throws(EventLogError) -> [String: (circuit: Circuit, at: Timestamp)] {
        let newest = try store.read(
            from: nil,
            direction: .backward,
            limit: CircuitBoard.eventsMax,
            filter: EventFilter(categories: [Circuit.category])
        )
        var circuits: [String: (circuit: Circuit, at: Timestamp)] = [:]
        for event in newest {
            guard let name = event.data["integration"]?.stringValue, circuits[name] == nil,
                let circuit = Circuit(lastEvent: event.type, event.data, at: event.recordedAt)
            else { continue }
            circuits[name] = (circuit, event.recordedAt)
        }
        return circuits
    }

    static func status(_ integration: String, _ circuit: Circuit) -> EngineHealth.Circuit {
        EngineHealth.Circuit(
            integration: integration,
            phase: circuit.phase.rawValue,
            failureCount: circuit.failures,
            code: circuit.code.isEmpty ? nil : circuit.code,
            until: circuit.until
        )
    }

    /// Where each integration whose circuit has ever opened stands, as the log says.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    public static func statuses(
        in store: any EventStore
    ) throws(EventLogError) -> [EngineHealth.Circuit] {
        try circuits(in: store).map { status($0.key, $0.value.circuit) }
            .sorted { $0.integration < $1.integration }
    }
}

extension EngineHealth.Circuit {
    /// The form in which interfaces show it.
    public var value: Value {
        var members: ValueMap = [
            "integration": .string(integration), "phase": .string(phase),
            "failures": .int(Int64(failureCount)),
        ]
        members["code"] = code.map(Value.string)
        members["until"] = until.map(Value.timestamp)
        return .map(members)
    }
}
