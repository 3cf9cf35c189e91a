import FaultShim
import Glibc

/// What is to happen to which call, as it stands on a command line:
/// `CALLS:NTH:ACTION[:ERROR][:lasting]`, such as `pwrite,fdatasync:3:error:EIO:lasting`.
struct Fault {
    static let calls: [(name: String, bit: UInt32)] = [
        ("pwrite", FAULT_PWRITE), ("pwritev", FAULT_PWRITEV), ("write", FAULT_WRITE),
        ("writev", FAULT_WRITEV), ("fdatasync", FAULT_FDATASYNC), ("fsync", FAULT_FSYNC),
        ("open", FAULT_OPEN), ("rename", FAULT_RENAME), ("ftruncate", FAULT_FTRUNCATE),
        ("fallocate", FAULT_FALLOCATE), ("mmap", FAULT_MMAP), ("msync", FAULT_MSYNC),
        ("unlink", FAULT_UNLINK), ("mkdir", FAULT_MKDIR), ("read", FAULT_READ),
        ("pread", FAULT_PREAD), ("flock", FAULT_FLOCK),
    ].map { ($0.0, $0.1.rawValue) }

    static let errors: [String: Int32] = [
        "EIO": EIO, "ENOSPC": ENOSPC, "EMFILE": EMFILE, "ENFILE": ENFILE, "ENOMEM": ENOMEM,
        "EDQUOT": EDQUOT, "EINTR": EINTR, "EFBIG": EFBIG, "EACCES": EACCES,
    ]

    private static let actions: [String: UInt32] = [
        "kill": FAULT_KILL.rawValue, "tear": FAULT_TEAR.rawValue, "error": FAULT_ERROR.rawValue,
        "short": FAULT_SHORT.rawValue,
    ]

    let mask: UInt32
    let nth: UInt64
    let action: Int32
    let error: Int32
    let isLasting: Bool

    init(_ text: String) throws {
        let parts = text.split(separator: ":").map(String.init)
        let names = parts.first?.split(separator: ",").map(String.init) ?? []
        mask = Fault.calls.filter { names.contains($0.name) || names == ["all"] }
            .reduce(0) { $0 | $1.bit }
        guard parts.count >= 3, mask != 0, let nth = UInt64(parts[1]),
            let action = Fault.actions[parts[2]]
        else { throw Arguments.Mistake(description: "'\(text)' is no fault") }
        self.nth = nth
        self.action = Int32(action)
        error = parts.dropFirst(3).compactMap { Fault.errors[$0] }.first ?? 0
        isLasting = parts.last == "lasting"
    }

    func arm() { fault_arm(mask, nth, action, error, isLasting) }
}
