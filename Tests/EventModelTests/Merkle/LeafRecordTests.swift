import EventModel
import Testing

@Suite struct LeafRecordTests {
    static let positions: [(UInt64, [UInt8])] = [
        (1, [0x01]), (23, [0x17]), (24, [0x18, 24]), (255, [0x18, 255]), (256, [0x19, 1, 0]),
        (65_536, [0x1A, 0, 1, 0, 0]), (0x1_0000_0000, [0x1B, 0, 0, 0, 1, 0, 0, 0, 0]),
    ]

    @Test(arguments: positions)
    func isDeterministicCBOR(position: UInt64, head: [UInt8]) throws {
        let digest = Digest.sha256([7])
        let leaf = LeafRecord(position: Position(position), recordDigest: digest)
        #expect(leaf.bytes == [0x83, 0x01] + head + [0x58, 0x20] + digest.bytes)
        let value: Value = [.int(1), .int(Int64(position)), .bytes(digest.bytes)]
        #expect(leaf.bytes == value.canonicalBytes)
        #expect(leaf.bytes.count <= LeafRecord.bytesMax)
        #expect(LeafRecord(bytes: leaf.bytes) == leaf)
        #expect(leaf.hash == MerkleHash.leaf(leaf.bytes))
        for count in leaf.bytes.indices {
            #expect(LeafRecord(bytes: Array(leaf.bytes[..<count])) == nil)
        }
        #expect(LeafRecord(bytes: leaf.bytes + [0]) == nil)
    }

    @Test(
        arguments: [
            [0x83, 0x02, 0x01], [0x82, 0x01, 0x01], [0x83, 0x01, 0x00], [0x83, 0x01, 0x18, 0x01],
            [0x83, 0x01, 0x19, 0, 0xFF], [0x83, 0x01, 0x1C], [0x83, 0x01, 0x21],
        ] as [[UInt8]]
    )
    func anotherSpellingIsNoLeaf(start: [UInt8]) {
        let rest = [0x58, 0x20] + Digest.sha256([]).bytes
        #expect(LeafRecord(bytes: start + rest) == nil)
    }

    @Test func bundlesAreReadAsWritten() {
        var bundle: [UInt8] = []
        let entries: [[UInt8]] = [[], [1], [UInt8](repeating: 2, count: 300)]
        for entry in entries { EntryBundle.append(entry, to: &bundle) }
        #expect(bundle.prefix(5) == [0, 0, 0, 1, 1])
        #expect(EntryBundle.entries(of: bundle) == entries)
        #expect(EntryBundle.entries(of: Array(bundle.dropLast())) == nil)
        #expect(EntryBundle.entries(of: [0]) == nil)
    }

    /// The example of the specification: 70,000 leaves.
    @Test func aTreeHasTheTilesOfItsSize() {
        let level0 = TilePath.all(.hashes(level: 0), size: 70_000)
        #expect(level0.count == 274)
        #expect(level0.last?.path == "tile/0/273.p/112")
        #expect(
            TilePath.all(.hashes(level: 1), size: 70_000).map(\.path)
                == ["tile/1/000", "tile/1/001.p/17"]
        )
        #expect(TilePath.all(.hashes(level: 2), size: 70_000).map(\.path) == ["tile/2/000.p/1"])
        #expect(TilePath.all(.hashes(level: 3), size: 70_000).isEmpty)
        #expect(TilePath.all(.entries, size: 256).map(\.path) == ["tile/entries/000"])
        #expect(
            TilePath.all(.entries, size: 600, beyond: 300).map(\.path)
                == ["tile/entries/001", "tile/entries/002.p/88"]
        )
    }

    @Test(arguments: [
        "", "tile", "tile/0", "tile/0/", "tile/0/1", "tile/0/0001", "tile/0/x001", "tile/64/001",
        "tile/00/001", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/0/x000/001",
        "tile/-1/001", "tile/0/001.p", "tile/0/001/", "/tile/0/001", "tile/a/001",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ])
    func otherPathsAreNone(path: String) {
        #expect(TilePath(path: path) == nil)
    }
}
