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
        try checkFiles(of: storage, after: last)
        let groups = try JournalRecovery.groups(
            in: storage.folder,
            identity: storage.identity,
            after: last
        )
        try check(end: groups.last?.last ?? last, of: storage)
        if !groups.isEmpty {
            var commitment = LogCommitment(storage: storage, head: last)
            try commitment.commit(groups)
        }
        if !groups.isEmpty || storage.foundHead?.journalBytes != nil {
            try storage.letJournalGo()
        }
        let journal = try Journal(
            folder: storage.folder,
            identity: storage.identity,
            fileBytes: configuration.journalBytes
        )
        do throws(EventLogError) {
            try storage.writeHeadFile(journalBytes: journal.frameBytesMax)
            try Files.synchronizeFolder(storage.folder)
        } catch {
            // Without it a journal that vanishes is noticed by `visible` alone.
            guard error.code == .diskFull else { throw error }
            configuration.notice("the head file is not written for now: \(error.message)")
        }
        let visible = try VisibleFile(folder: storage.folder, identity: storage.identity)
        return (journal, visible)
    }

    /// Refuses a log that was not closed if its journal is not there in its full length.
    ///
    /// What `visible` tells is not enough for this: it is never synced, so that after a power
    /// failure it may tell less than what was acknowledged, or be gone as well.
    private static func checkFiles(
        of storage: LogStorage,
        after last: UInt64
    ) throws(EventLogError) {
        guard let bytes = storage.foundHead?.journalBytes else { return }
        for path in paths(in: storage.folder) {
            let size = Files.exists(path) ? try Files.size(of: path) : nil
            guard size ?? 0 < bytes else { continue }
            let what = size.map { "has \($0) of its \(bytes) bytes" } ?? "is missing"
            let head = HeadFile.path(in: storage.folder)
            throw EventLogError(
                .corrupt,
                "\(path) \(what), but \(head) says that the log was not closed: events after "
                    + "\(last) that were acknowledged may be lost; restore the log from a backup, "
                    + "or remove \(head) to accept the log as it is"
            )
        }
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

extension LogStorage {
    /// Notes for good that the table has everything, so that the files of the journal may be emptied.
    ///
    /// Before they are: files that are empty while the head file calls for them are taken for lost.
    func letJournalGo() throws(EventLogError) {
        try writeHeadFile()
        try Files.synchronizeFolder(folder)
    }
}
