import Documents
import EventModel

extension DefinitionParser {
    /// What becomes of an instance whose failure nobody takes.
    enum Incident: String, CaseIterable {
        case pause, fail
    }

    /// The words for a workflow's priority, and their numbers.
    enum Priority: String, CaseIterable {
        case low, medium, high, critical

        var number: Int {
            switch self {
            case .low: -1
            case .medium: 0
            case .high: 1
            case .critical: 2
            }
        }
    }

    /// Reads what says how many instances run, and when; nil if each begins at once.
    mutating func admission(_ reader: inout MappingReader) -> AdmissionRules? {
        let priority = reader.choice("priority", of: Priority.self) ?? .medium
        let concurrency = reader.node("concurrency").flatMap { self.concurrency($0) }
        let rate = reader.node("rate_limit").flatMap { self.rate($0) }
        let deduplication = reader.node("dedup").flatMap { self.deduplication($0) }
        guard concurrency != nil || rate != nil || deduplication != nil else { return nil }
        return AdmissionRules(
            concurrency: concurrency,
            rate: rate,
            deduplication: deduplication,
            priority: priority.number
        )
    }

    private mutating func concurrency(_ node: Node) -> AdmissionRules.Concurrency? {
        var reader = MappingReader(node, what: "'concurrency'")
        let key = key(&reader)
        let limit = reader.integer("limit", in: 1...1_000_000) ?? 1
        let whenFull = reader.choice("when_full", of: AdmissionState.WhenFull.self) ?? .queue
        problems += reader.finish()
        return AdmissionRules.Concurrency(key: key, limit: Int(limit), whenFull: whenFull)
    }

    private mutating func rate(_ node: Node) -> AdmissionRules.Rate? {
        var reader = MappingReader(node, what: "'rate_limit'")
        let key = key(&reader)
        let limit =
            reader.required("limit") == nil
            ? nil : reader.integer("limit", in: 1...1_000_000)
        let per = reader.required("per").flatMap { duration($0, what: "per") }
        problems += reader.finish()
        guard let limit, let per else { return nil }
        return AdmissionRules.Rate(key: key, limit: Int(limit), per: per)
    }

    private mutating func deduplication(_ node: Node) -> AdmissionRules.Deduplication? {
        var reader = MappingReader(node, what: "'dedup'")
        let key = reader.required("key").map { ValueTemplate.parse($0, functions, &problems) }
        let window = reader.required("window").flatMap { duration($0, what: "window") }
        problems += reader.finish()
        guard let key, let window else { return nil }
        return AdmissionRules.Deduplication(key: key, window: window)
    }

    private mutating func key(_ reader: inout MappingReader) -> ValueTemplate {
        reader.node("key").map { ValueTemplate.parse($0, functions, &problems) }
            ?? .literal(.string(""))
    }
}
