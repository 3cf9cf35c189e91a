import CDigest
import EventModel
import Testing

import struct Crypto.SHA256

@Suite struct DigestTests {
    /// FIPS 180-4 examples, and one that needs two blocks of padding.
    static let vectors: [(String, String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ]

    @Test(arguments: vectors)
    func hashesTheExamplesOfTheStandard(text: String, hexadecimal: String) {
        #expect(Digest.sha256(Array(text.utf8)).hexadecimal == hexadecimal)
    }

    @Test func aMillionLetters() {
        let wanted = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(Digest.sha256(letters).hexadecimal == wanted)
        #expect(portable(letters).hexadecimal == wanted)
    }

    /// Every length around the edges of blocks, by both ways and by another library.
    @Test func agreesWithAnotherLibraryAtEveryLength() {
        var bytes: [UInt8] = []
        var mistakes: [Int] = []
        for length in 0...600 {
            let wanted = Array(SHA256.hash(data: bytes))
            if Digest.sha256(bytes).bytes != wanted { mistakes.append(length) }
            if portable(bytes).bytes != wanted { mistakes.append(length) }
            let leaf = Array(SHA256.hash(data: [0] + bytes))
            if MerkleHash.leaf(bytes).bytes != leaf { mistakes.append(length) }
            bytes.append(UInt8(truncatingIfNeeded: length &* 167 &+ 13))
        }
        #expect(mistakes.isEmpty, "\(mistakes)")
    }

    /// Two messages at once, of lengths that have different numbers of blocks.
    @Test func twoAtOnceAreHashedLikeEach() {
        let lengths = [0, 1, 54, 55, 56, 62, 63, 64, 65, 118, 119, 120, 127, 128, 300, 1000]
        var mistakes: [String] = []
        for first in lengths {
            for second in lengths {
                let messages = [first, second].map { (0..<$0).map { UInt8($0 & 0xFF) } }
                var hasher = LeafHasher()
                for (number, message) in messages.enumerated() {
                    message.withUnsafeBytes { hasher.add(position: UInt64(number + 1), $0) }
                }
                let wanted = messages.enumerated().map { number, message in
                    LeafRecord(
                        position: Position(UInt64(number + 1)),
                        recordDigest: Digest.sha256(message)
                    ).hash
                }
                if hasher.take() != wanted { mistakes.append("\(first), \(second)") }
            }
        }
        #expect(mistakes.isEmpty, "\(mistakes)")
    }

    @Test func anOddLeafIsNotForgotten() {
        var hasher = LeafHasher()
        for position in 1...3 as ClosedRange<UInt64> {
            [UInt8(position)].withUnsafeBytes { hasher.add(position: position, $0) }
        }
        let wanted = (1...3).map { number in
            LeafRecord(
                position: Position(UInt64(number)),
                recordDigest: Digest.sha256([UInt8(number)])
            ).hash
        }
        #expect(hasher.take() == wanted)
        #expect(hasher.take().isEmpty)
    }

    @Test func pairsAreHashedLikeNodes() {
        let hashes = (0..<64).map { MerkleHash.leaf([UInt8($0)]) }
        var level = hashes
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map {
                let message = [1] + level[$0].bytes + level[$0 + 1].bytes
                return Digest(bytes: Array(SHA256.hash(data: message))) ?? MerkleHash.empty
            }
        }
        #expect(MerkleHash.completeRoot(of: hashes) == level[0])
    }

    @Test(arguments: ["", "00", "zz", String(repeating: "0", count: 63)])
    func refusesWhatIsNoDigest(text: String) {
        #expect(Digest(hexadecimal: text) == nil)
    }

    @Test func readsWhatItWrites() {
        let digest = Digest.sha256([1, 2, 3])
        #expect(Digest(hexadecimal: digest.hexadecimal) == digest)
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(Digest(bytes: digest.bytes + [0]) == nil)
    }

    private func portable(_ bytes: [UInt8]) -> Digest {
        var result = [UInt8](repeating: 0, count: 32)
        daybook_sha256_portable(bytes, bytes.count, &result)
        return Digest(bytes: result) ?? MerkleHash.empty
    }
}
