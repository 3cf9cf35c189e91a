import Foundation
import Testing

@testable import EventModel

@Suite struct CRC32CTests {
    // Examples of RFC 3720 appendix B.4, the last one an iSCSI Read (10) command, and the check value
    // of the CRC catalogue.
    private static let examples: [(bytes: [UInt8], checksum: UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        (
            [0x01, 0xC0] + [UInt8](repeating: 0, count: 14)
                + [0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18]
                + [0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0],
            0xD996_3A56
        ),
        ([], 0),
    ]

    @Test(arguments: examples)
    func matchesTheExamples(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
        #expect(bytes.withUnsafeBytes { CRC32C.checksumByTable($0) } == checksum)
    }

    /// Every length up to beyond the three short lanes, then lengths about the limits of the long ones,
    /// each at eight alignments.
    @Test func theInstructionAndTheTablesAgree() {
        var state: UInt64 = 7
        let noise = (0..<7200).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let lengths = Array(0...700) + [3071, 3072, 3073, 3360, 4096, 6143, 6144, 6145, 7000]
        var wrong: [String] = []
        noise.withUnsafeBytes { buffer in
            for length in lengths {
                for start in 0..<8 {
                    let part = UnsafeRawBufferPointer(rebasing: buffer[start..<start + length])
                    guard CRC32C.checksum(part) != CRC32C.checksumByTable(part) else { continue }
                    wrong.append("\(length) bytes from \(start)")
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    #if arch(x86_64)
        @Test func theInstructionIsUsed() throws {
            let processor = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
            #expect(CRC32C.hasInstruction == processor.contains("sse4_2"))
        }
    #endif
}
