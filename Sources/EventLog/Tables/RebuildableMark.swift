import Glibc

/// Says whether tables that are written without sync can be trusted.
///
/// A process that dies leaves them whole, because the kernel still writes what it was given. A
/// machine that dies may leave rubbish that opens without a word. So the tables are good if they
/// were closed properly, or if the machine has not been started since they were opened.
struct RebuildableMark: Sendable {
    private let path: String
    private let boot: String

    init(folder: String) throws(EventLogError) {
        path = folder + "/state"
        let bytes = try Files.read("/proc/sys/kernel/random/boot_id") ?? []
        boot = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    }

    /// Whether what the folder holds is what was written.
    func isTrustworthy() throws(EventLogError) -> Bool {
        guard let bytes = try Files.read(path) else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        return text == "closed\n" || (!boot.isEmpty && text == "open \(boot)\n")
    }

    /// To be called before the first write.
    func noteOpen() throws(EventLogError) {
        try Files.replace(path, with: Array("open \(boot)\n".utf8))
    }

    /// To be called after the last sync.
    func noteClosed() throws(EventLogError) {
        try Files.replace(path, with: Array("closed\n".utf8))
    }
}
