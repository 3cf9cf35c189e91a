import ArgumentParser
import EventLog
import EventModel
import Foundation

/// `daybook log`: the log itself.
struct LogCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Look at the log, verify it, and keep copies of it.",
        discussion: """
            EXAMPLES:
              daybook log info
              daybook log verify
              daybook log key create --origin example.org/daybook
              daybook log checkpoint
              daybook log prove 1234
              daybook log verify-receipt event-1234.tlog-proof
              daybook log backup /backups/2026-11-24
              daybook log restore /backups/2026-11-24 --to data
              daybook log export all.ndjson
              daybook log segments /backups/segments
              daybook log scrub
            """,
        subcommands: [
            Info.self, Verify.self, Key.self, SignCheckpoint.self, Prove.self,
            VerifyReceipt.self, Tiles.self, Backup.self, Restore.self, Export.self, Import.self,
            SegmentCommands.self, Scrub.self,
        ]
    )

    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Size, age and format of the log."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let information = try folder.reading { () throws(EventLogError) in
                try log.information()
            }
            if output.json {
                Terminal.out(try JSON.text(information.value))
                return
            }
            for (name, value) in information.lines {
                Terminal.out(Terminal.styled(name.padding(18), .dim) + value)
            }
        }
    }
}

extension LogInformation {
    /// Names and texts, in the order in which people ask.
    var lines: [(String, String)] {
        let size: (Int) -> String = { LogInformation.size($0) }
        return [
            ("folder", folder),
            ("identity", identity),
            ("events", String(eventCount)),
            ("streams", streamCount.map(String.init) ?? "unknown, there is no index"),
            ("first", firstRecordedAt?.rfc3339 ?? "none yet"),
            ("last", lastRecordedAt?.rfc3339 ?? "none yet"),
            ("log on disk", size(fileBytes)),
            ("index on disk", size(indexFileBytes)),
            ("index up to", indexPosition?.description ?? "none"),
            ("tree up to", String(treeSize)),
            ("room to grow", size(mapBytes)),
            ("format", String(format)),
            ("library", library.replacing("LMDB LMDB", with: "LMDB")),
        ]
    }

    var value: Value {
        [
            "folder": .string(folder), "identity": .string(identity), "events": .uint(eventCount),
            "streams": streamCount.map { .int(Int64($0)) } ?? .null,
            "first": firstRecordedAt.map(Value.timestamp) ?? .null,
            "last": lastRecordedAt.map(Value.timestamp) ?? .null,
            "log_bytes": .int(Int64(fileBytes)), "index_bytes": .int(Int64(indexFileBytes)),
            "index_position": indexPosition.map { .uint($0.value) } ?? .null,
            "tree_size": .uint(treeSize),
            "map_bytes": .int(Int64(mapBytes)), "format": .int(Int64(format)),
            "library": .string(library),
        ]
    }

    /// A size for people, in binary units.
    static func size(_ bytes: Int) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        var size = Double(bytes)
        var unit = "bytes"
        for next in units where size >= 1024 {
            size /= 1024
            unit = next
        }
        return unit == "bytes" ? "\(bytes) bytes" : String(format: "%.1f %@", size, unit)
    }
}

extension VerifyReport {
    var value: Value {
        [
            "events": .uint(eventCount), "bytes": .uint(byteCount),
            "streams": .int(Int64(streamCount)), "problem_count": .int(Int64(problemCount)),
            "problems": .list(problems.map { .string($0.description) }),
        ]
    }
}
