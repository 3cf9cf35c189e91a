import EventModel
import Foundation
import Logging

/// Writes log lines to standard error: for people, or one JSON object a line for machines.
struct LogLines: LogHandler {
    let label: String
    let format: Configuration.Logs.Format
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, settings: Configuration.Logs) {
        self.label = label
        format = settings.format
        logLevel = Logger.Level(rawValue: settings.level.rawValue) ?? .info
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let more = event.metadata { all.merge(more) { $1 } }
        let now = Timestamp(seconds: 0) + .seconds(Date().timeIntervalSince1970)
        let line =
            switch format {
            case .text: text(event, metadata: all, at: now)
            case .json: json(event, metadata: all, at: now)
            }
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    private func text(_ event: LogEvent, metadata: Logger.Metadata, at now: Timestamp) -> String {
        let time = String(now.rfc3339.dropFirst(11).prefix(12))
        let level = event.level.rawValue.uppercased().padding(7)
        let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(level) \(event.message)\(pairs)"
    }

    private func json(_ event: LogEvent, metadata: Logger.Metadata, at now: Timestamp) -> String {
        var members: ValueMap = [
            "time": .string(now.rfc3339), "level": .string(event.level.rawValue),
            "logger": .string(label), "message": .string("\(event.message)"),
        ]
        for (key, value) in metadata where members[key] == nil {
            members[key] = .string("\(value)")
        }
        return (try? JSON.text(.map(members))) ?? "{}"
    }
}
