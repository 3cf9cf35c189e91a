import CLMDB
import Glibc

extension EventLogError {
    /// Says what an LMDB return code means for whoever asked, and which file it was about.
    ///
    /// Codes above zero are those of the operating system; LMDB's own are below zero.
    static func lmdb(_ code: Int32, _ call: StaticString, _ path: String) -> EventLogError {
        let text = String(cString: mdb_strerror(code))
        let message = "\(call) failed on \(path)/data.mdb: \(text)"
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            return EventLogError(.diskFull, message + "; make room, writing resumes by itself")
        case ENOENT:
            return EventLogError(.missing, message)
        case EACCES, EPERM, EROFS:
            return EventLogError(
                .inputOutput,
                message + "; this user needs write access to the folder, even to read the log"
            )
        case MDB_INVALID, MDB_CORRUPTED, MDB_PAGE_NOTFOUND:
            return EventLogError(.corrupt, message + "; restore the folder from a backup")
        case MDB_VERSION_MISMATCH:
            return EventLogError(.newerFormat, message + "; a newer version wrote it")
        case MDB_MAP_FULL:
            return EventLogError(.diskFull, message)
        case MDB_BAD_VALSIZE:
            return EventLogError(.invalid, message)
        default:
            return EventLogError(.inputOutput, message)
        }
    }

    /// Says which system call failed, on which path and why.
    static func system(
        _ call: StaticString,
        _ path: String,
        code: Int32 = errno
    ) -> EventLogError {
        let message = "\(call) failed on \(path): \(String(cString: strerror(code)))"
        switch code {
        case ENOSPC, EDQUOT, EFBIG: return EventLogError(.diskFull, message)
        case ENOENT: return EventLogError(.missing, message)
        default: return EventLogError(.inputOutput, message)
        }
    }
}
