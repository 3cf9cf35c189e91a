import Glibc

/// Reads the frames of one file of the journal, of which another process may write at the same
/// time.
final class JournalScan {
    let path: String
    private let descriptor: Int32
    private let log: LogIdentity.Number

    /// Opens the file; nil if it is not there.
    init?(_ path: String, identity: LogIdentity) throws(EventLogError) {
        self.path = path
        log = identity.number
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 || errno == ENOENT else { throw EventLogError.system("open", path) }
        guard descriptor >= 0 else { return nil }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// The head of the frame at an offset; nil if there is none.
    func head(at offset: Int) throws(EventLogError) -> JournalFrame? {
        var bytes = [UInt8](repeating: 0, count: JournalFrame.headByteCount)
        let isRead = try bytes.withMutableBytes { bytes throws(EventLogError) in
            try read(bytes, at: offset)
        }
        guard isRead else { return nil }
        return bytes.withUnsafeBytes { JournalFrame(head: $0) }
    }

    /// The frame at an offset, if it is one of this log and whole.
    func group(_ frame: JournalFrame, at offset: Int) throws(EventLogError) -> RecordGroup? {
        guard frame.log == log else { return nil }
        // A length that a flipped bit made must not cost memory.
        guard offset + JournalFrame.headByteCount + frame.byteCount <= (try byteCount()) else {
            return nil
        }
        return try RecordGroup(frame) { bytes throws(EventLogError) in
            try read(bytes, at: offset)
        }
    }

    /// How large the file is.
    func byteCount() throws(EventLogError) -> Int {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw EventLogError.system("fstat", path) }
        return Int(facts.st_size)
    }

    /// Fills the memory; false if the file ends before.
    private func read(
        _ target: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) throws(EventLogError) -> Bool {
        var done = 0
        while done < target.count {
            let count = pread(
                descriptor,
                target.baseAddress?.advanced(by: done),
                target.count - done,
                off_t(offset + done)
            )
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw EventLogError.system("pread", path) }
            if count == 0 { return false }
            done += count
        }
        return true
    }
}
