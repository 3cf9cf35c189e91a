import EventModel
import Glibc

/// A small file that tells other processes, and the next one after a kill, the last position that
/// was acknowledged.
///
/// It is written after each commit and never synced: after a power failure it may tell of an
/// earlier position or of none, never of a later one. It has two slots of 64 bytes that are written
/// in turn, so that one of them is always whole; all numbers are little-endian:
///
///     offset  bytes
///      0      8      DBVISI01
///      8      16     the log's identity
///     24      8      the position
///     32      28     0
///     60      4      CRC-32C of the bytes before
///
/// Sendable because only the thread that writes commits writes, and the descriptor stays the same.
final class VisibleFile: @unchecked Sendable {
    private static let slotByteCount = 64
    private static let checkedByteCount = 60
    /// `DBVISI01`.
    private static let mark: UInt64 = 0x3130_4953_4956_4244

    private let path: String
    private let log: LogIdentity.Number
    private let descriptor: Int32
    private var slot = 0
    private var hasFailed = false

    static func path(in folder: String) -> String { folder + "/visible" }

    /// Opens the file for writing; makes it if it is missing.
    init(folder: String, identity: LogIdentity) throws(EventLogError) {
        path = VisibleFile.path(in: folder)
        log = identity.number
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
    }

    deinit { Glibc.close(descriptor) }

    /// Tells of a later position.
    ///
    /// - Returns: why it could not, the first time; nothing depends on it, since the table tells the
    ///   same soon.
    func write(_ position: UInt64) -> EventLogError? {
        var bytes = [UInt8](repeating: 0, count: VisibleFile.slotByteCount)
        bytes.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: VisibleFile.mark.littleEndian, as: UInt64.self)
            bytes.storeBytes(of: log.high.bigEndian, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: log.low.bigEndian, toByteOffset: 16, as: UInt64.self)
            bytes.storeBytes(of: position.littleEndian, toByteOffset: 24, as: UInt64.self)
            let checksum = CRC32C.checksum(
                UnsafeRawBufferPointer(rebasing: bytes[..<VisibleFile.checkedByteCount])
            )
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 60, as: UInt32.self)
        }
        slot = 1 - slot
        let count = pwrite(descriptor, bytes, bytes.count, off_t(slot * bytes.count))
        guard count != bytes.count, !hasFailed else {
            hasFailed = count != bytes.count
            return nil
        }
        hasFailed = true
        return EventLogError.system("pwrite", path, code: count < 0 ? errno : ENOSPC)
    }

    /// The position that the file of a log tells of; nil if it tells none.
    static func read(in folder: String, identity: LogIdentity) throws(EventLogError) -> UInt64? {
        guard let bytes = try Files.read(path(in: folder), bytesMax: 2 * slotByteCount) else {
            return nil
        }
        let number = identity.number
        var position: UInt64?
        for begin in stride(from: 0, through: bytes.count - slotByteCount, by: slotByteCount) {
            bytes.withUnsafeBytes { bytes in
                let slot = UnsafeRawBufferPointer(rebasing: bytes[begin..<begin + slotByteCount])
                let checked = UnsafeRawBufferPointer(rebasing: slot[..<checkedByteCount])
                let checksum = slot.loadUnaligned(fromByteOffset: 60, as: UInt32.self)
                let mark = slot.loadUnaligned(as: UInt64.self)
                let high = slot.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                let low = slot.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                guard CRC32C.checksum(checked) == UInt32(littleEndian: checksum),
                    UInt64(littleEndian: mark) == VisibleFile.mark,
                    UInt64(bigEndian: high) == number.high, UInt64(bigEndian: low) == number.low
                else { return }
                let found = slot.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
                position = max(position ?? 0, UInt64(littleEndian: found))
            }
        }
        return position
    }
}
