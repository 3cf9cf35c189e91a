import Foundation
import Reference

/// What LMDB in C, and a plain file, do with as many bytes on the same disk.
struct RawReference {
    private static let poolBytes = 1 << 20

    let folder: URL
    let recordBytes: Int
    private let pool: [UInt8]

    init(folder: URL, recordBytes: Int) {
        self.folder = folder
        self.recordBytes = recordBytes
        var random = SmallRandom(7)
        pool = (0..<RawReference.poolBytes).map { _ in
            UInt8(truncatingIfNeeded: random.next() >> 32)
        }
    }

    /// Events a second that LMDB appends, with so many in a commit.
    func append(batches: Int, count: Int) throws -> Double {
        try withFolder("raw") { raw in
            let seconds = pool.withUnsafeBytes { buffer in
                reference_append(
                    raw.path,
                    batches,
                    count,
                    buffer.baseAddress,
                    buffer.count,
                    recordBytes
                )
            }
            return Double(batches * count) / (try check(seconds))
        }
    }

    /// Events a second that a plain file takes, with so many in a write and its fdatasync.
    func write(batches: Int, count: Int) throws -> Double {
        try withFolder("plain") { raw in
            let seconds = pool.withUnsafeBytes { buffer in
                reference_write(
                    raw.path + "/file",
                    batches,
                    count,
                    buffer.baseAddress,
                    buffer.count,
                    recordBytes
                )
            }
            return Double(batches * count) / (try check(seconds))
        }
    }

    /// Events a second that an LMDB cursor reads, warm, out of a log of so many.
    func scan(events: Int, rounds: Int) throws -> Double {
        try withFolder("scan") { raw in
            let seconds = pool.withUnsafeBytes { buffer in
                reference_append(
                    raw.path,
                    max(events / 1000, 1),
                    1000,
                    buffer.baseAddress,
                    buffer.count,
                    recordBytes
                )
            }
            _ = try check(seconds)
            var sum: UInt64 = 0
            _ = reference_scan(raw.path, &sum)
            let rates = try (0..<rounds).map { _ in
                Double(events) / (try check(reference_scan(raw.path, &sum)))
            }
            return Stopwatch.median(rates)
        }
    }

    private func withFolder<R>(_ name: String, _ work: (URL) throws -> R) throws -> R {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try work(url)
    }

    private func check(_ seconds: Double) throws -> Double {
        guard seconds > 0 else {
            throw BenchmarkError("the reference failed: code \(Int(seconds))")
        }
        return seconds
    }
}
