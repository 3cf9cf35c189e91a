import EventModel

/// What makes a folder a standby: as long as this file is there, nothing but segments is added to its
/// log.
struct StandbyMark: Sendable, Hashable {
    private static let title = "standby"

    /// The identity of the log that is followed.
    var log: String
    /// The tree over the events that were applied when this was written; more may have been since.
    var tree: CompactRange

    static func path(in folder: String) -> String { folder + "/standby" }

    static func exists(in folder: String) -> Bool { Files.exists(path(in: folder)) }

    /// Refuses to open a standby for writing.
    static func refuse(_ folder: String) throws(EventLogError) {
        guard exists(in: folder) else { return }
        throw EventLogError(
            .standby,
            "\(folder) is the standby of another log, which alone is written; to write here from now "
                + "on, stop the other one for good and run 'daybook standby promote --data \(folder)'"
        )
    }

    func write(in folder: String) throws(EventLogError) {
        let peaks = tree.peaks.map(\.hexadecimal)
        let file = MarkFile(
            StandbyMark.title,
            [
                ("log", log), ("position", String(tree.size)),
                ("peaks", peaks.isEmpty ? "none" : peaks.joined(separator: ",")),
            ]
        )
        try file.write(StandbyMark.path(in: folder))
        try Files.synchronizeFolder(folder)
    }

    /// Reads the mark; nil if the folder is no standby.
    static func read(in folder: String) throws(EventLogError) -> StandbyMark? {
        let path = path(in: folder)
        guard let file = try MarkFile.read(path, title: title) else { return nil }
        guard let log = file["log"], let size = file["position"].flatMap({ UInt64($0) }),
            let peaks = file["peaks"].flatMap(MerklePeaks.parse),
            let tree = CompactRange(size: size, peaks: peaks)
        else {
            throw EventLogError(
                .corrupt,
                "\(path) is damaged; begin the standby anew in an empty folder"
            )
        }
        return StandbyMark(log: log, tree: tree)
    }
}
