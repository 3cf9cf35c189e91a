extension Journal {
    /// Brings into the table what the journal holds and the table lacks, and begins the journal
    /// anew.
    ///
    /// - Throws: ``EventLogError`` if the journal is damaged, if less is there than was acknowledged,
    ///   or if the disk has no room.
    static func open(
        of storage: LogStorage,
        configuration: EventLogConfiguration
    ) throws(EventLogError) -> (journal: Journal, visible: VisibleFile) {
        let last = try storage.lastPosition()
        let groups = try JournalRecovery.groups(
            in: storage.folder,
            identity: storage.identity,
            after: last
        )
        try check(end: groups.last?.last ?? last, of: storage)
        if !groups.isEmpty {
            var commitment = LogCommitment(storage: storage, head: last)
            try commitment.commit(groups)
            try storage.writeHeadFile()
        }
        let journal = try Journal(
            folder: storage.folder,
            identity: storage.identity,
            fileBytes: configuration.journalBytes
        )
        let visible = try VisibleFile(folder: storage.folder, identity: storage.identity)
        return (journal, visible)
    }

    /// Refuses a log that holds less than was acknowledged.
    private static func check(end: UInt64, of storage: LogStorage) throws(EventLogError) {
        let visible = try VisibleFile.read(in: storage.folder, identity: storage.identity)
        guard let visible, visible > end else { return }
        let path = VisibleFile.path(in: storage.folder)
        throw EventLogError(
            .corrupt,
            "\(storage.file) and the journal beside it hold \(end) events, but \(path) says that "
                + "\(visible) were acknowledged; restore the log from a backup, or remove \(path) "
                + "to accept the log as it is"
        )
    }
}
