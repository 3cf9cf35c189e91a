import EventModel
import Testing

@Suite struct ValueCodecTests {
    private static let examples: [(value: Value, hexadecimal: String)] = [
        (.null, "f6"),
        (.bool(true), "f5"),
        (.int(-1), "20"),
        (.int(.min), "3b7fffffffffffffff"),
        (.uint(.max), "1bffffffffffffffff"),
        (.uint(5), "da55494e5405"),
        (.uint(1 << 63), "1b8000000000000000"),
        (.double(1), "f93c00"),
        (.double(-0.0), "f98000"),
        (.double(.nan), "f97e00"),
        (.string("é"), "62c3a9"),
        (.bytes([1, 2]), "420102"),
        (.timestamp(Timestamp(seconds: 1)), "d903e9a10101"),
        (.timestamp(Timestamp(seconds: -1, nanoseconds: 5)), "d903e9a201202805"),
        (.duration(.seconds(-1)), "d903eaa10120"),
        (.duration(.milliseconds(300)), "d903eaa20100281a11e1a300"),
        (.duration(.milliseconds(-300)), "d903eaa20120281a29b92700"),
        (.duration(Duration(attoseconds: 1)), "d903eaa201003101"),
        (.list([1, []]), "820180"),
        (["b": 1, "a": 2, "aa": 3], "a361610261620162616103"),
    ]

    @Test(arguments: examples) func hasOneEncoding(value: Value, wanted: String) throws {
        #expect(hexadecimal(value.canonicalBytes) == wanted)
        #expect(try Value(canonicalBytes: bytes(hexadecimal: wanted)) == value)
    }

    @Test(arguments: [Int128.min, .min + 1, -.max, .max, .max - 1, -1_000_000_000_000_000_001])
    func readsBackTheLongestDurations(attoseconds: Int128) throws {
        let value = Value.duration(Duration(attoseconds: attoseconds))
        #expect(try Value(canonicalBytes: value.canonicalBytes) == value)
    }

    @Test func keysOfAllTypesKeepTheEncodedOrder() throws {
        let keys: [MapKey] = [
            .bool(true), .bool(false), .uint(1), .uint(0), .uint(.max), .int(1), .int(-1),
            .int(-300), .int(300), .string("b"), .string("aa"), .string(""), .uint(1 << 63),
        ]
        var map = ValueMap()
        for key in keys { map[key] = .null }
        let value = Value.map(map)
        #expect(map.count == keys.count)
        #expect(try Value(canonicalBytes: value.canonicalBytes) == value)
        #expect(
            try CBORItem.decode(value.canonicalBytes, mode: .strict).encode()
                == value.canonicalBytes
        )
    }

    @Test(arguments: [
        ("1800", CBORError.Code.notDeterministic), ("fb3ff8000000000000", .notDeterministic),
        ("a2616201616102", .notDeterministic), ("a2616101616102", .duplicateKey),
        ("9f01ff", .notDeterministic), ("f7", .unsupported), ("f0", .unsupported),
        ("c11a00000000", .unsupported), ("a1f600", .unsupported), ("61ff", .invalidUTF8),
        ("0000", .trailingBytes), ("", .truncated), ("9bffffffffffffffff", .truncated),
        ("5b7fffffffffffffff00", .truncated), ("3b8000000000000000", .unsupported),
        ("da55494e541b8000000000000000", .tagContent), ("da55494e5420", .tagContent),
        ("d903e9a20101281a3b9aca00", .tagContent), ("d903e9a201012800", .tagContent),
        ("d903e9a0", .tagContent), ("d903e901", .tagContent), ("d903e9a10001", .tagContent),
        ("d903e9a20101310a", .tagContent), ("d903eaa20100311a3b9aca00", .notDeterministic),
        ("d903eaa1013bffffffffffffffff", nil),
        ("d903eaa101c2507fffffffffffffffffffffffffffffff", .tagContent),
        ("d903eaa101c24f7fffffffffffffffffffffffffffff", .tagContent), ("ff", .malformed),
    ]) func refusesWhatItWouldNotWrite(text: String, code: CBORError.Code?) {
        do throws(CBORError) {
            let value = try Value(canonicalBytes: bytes(hexadecimal: text))
            #expect(code == nil && hexadecimal(value.canonicalBytes) == text)
        } catch {
            #expect(error.code == code, "\(error)")
        }
    }

    @Test func depthIsLimited() throws {
        let deep = [UInt8](repeating: 0x81, count: Limits.nestingDepthMax) + [0]
        #expect(throws: Never.self) { try Value(canonicalBytes: deep) }
        let error = #expect(throws: CBORError.self) { try Value(canonicalBytes: [0x81] + deep) }
        #expect(error?.code == .depthLimit)
        #expect(error?.offset == Limits.nestingDepthMax + 1)
    }

    @Test func randomValuesRoundTrip() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let value = RandomValue.value(depth: 3, &random)
            let encoded = value.canonicalBytes
            let isSame = try Value(canonicalBytes: encoded) == value
            let isCore = try CBORItem.decode(encoded, mode: .strict).encode() == encoded
            if !isSame || !isCore { Issue.record("\(value): \(hexadecimal(encoded))") }
        }
    }

    /// Both readers agree about random damage, and neither traps.
    @Test func damageNeverTraps() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            var encoded = RandomValue.value(depth: 3, &random).canonicalBytes
            for _ in 0..<3 {
                encoded[.random(in: encoded.indices, using: &random)] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            if Bool.random(using: &random) { encoded.removeLast() }
            if let value = try? Value(canonicalBytes: encoded), value.canonicalBytes != encoded {
                Issue.record("taken but written otherwise: \(hexadecimal(encoded))")
            }
            if let item = try? CBORItem.decode(encoded, mode: .strict), item.encode() != encoded {
                Issue.record("item taken but written otherwise: \(hexadecimal(encoded))")
            }
        }
    }

    @Test func halfFloatsCoverTheirRange() throws {
        for bits in stride(from: 0 as UInt16, through: 0x7C00, by: 1) {
            let encoded: [UInt8] = [0xF9, UInt8(bits >> 8), UInt8(bits & 0xFF)]
            let value = try Value(canonicalBytes: encoded)
            if value.canonicalBytes != encoded { Issue.record("half \(bits)") }
        }
    }
}

/// Values of every case, sharp edges more often than chance would give them.
enum RandomValue {
    static func value(depth: Int, _ random: inout some RandomNumberGenerator) -> Value {
        switch Int.random(in: 0..<(depth > 0 ? 12 : 10), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .int(Int64(truncatingIfNeeded: integer(&random)))
        case 3: .uint(integer(&random))
        case 4: .double(double(&random))
        case 5, 6: .string(text(&random))
        case 7: .bytes((0..<Int.random(in: 0...30, using: &random)).map { UInt8($0 * 7) })
        case 8:
            .timestamp(
                Timestamp(
                    seconds: Int64(truncatingIfNeeded: integer(&random)),
                    nanoseconds: Bool.random(using: &random)
                        ? 0 : .random(in: 0..<1_000_000_000, using: &random)
                )
            )
        case 9: .duration(duration(&random))
        case 10:
            .list(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    value(depth: depth - 1, &random)
                }
            )
        default: .map(map(depth: depth - 1, &random))
        }
    }

    private static func integer(_ random: inout some RandomNumberGenerator) -> UInt64 {
        UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0..<64, using: &random)
    }

    private static func double(_ random: inout some RandomNumberGenerator) -> Double {
        let number =
            switch Int.random(in: 0..<3, using: &random) {
            case 0: Double(Int.random(in: -1000...1000, using: &random)) / 8
            case 1: Double(Float(bitPattern: .random(in: 0...(.max), using: &random)))
            default: Double(bitPattern: .random(in: 0...(.max), using: &random))
            }
        return number.isNaN ? .nan : number
    }

    static func text(_ random: inout some RandomNumberGenerator) -> String {
        let letters: [Character] = ["a", "b", "é", "水", "😀", "\"", "\\", "\n", "\u{0}", "e\u{301}"]
        return String(
            (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                letters.randomElement(using: &random)
            }
        )
    }

    private static func duration(_ random: inout some RandomNumberGenerator) -> Duration {
        let sign: Int128 = Bool.random(using: &random) ? 1 : -1
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return Duration(attoseconds: sign * Int128(integer(&random)) * 1_000_000_000)
        case 1: return Duration(attoseconds: sign * Int128(integer(&random)) << 63)
        default: return Duration(attoseconds: sign * Int128(integer(&random)))
        }
    }

    private static func map(depth: Int, _ random: inout some RandomNumberGenerator) -> ValueMap {
        var map = ValueMap()
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let key: MapKey =
                switch Int.random(in: 0..<6, using: &random) {
                case 0: .int(Int64(truncatingIfNeeded: integer(&random)))
                case 1: .uint(integer(&random))
                case 2: .bool(.random(using: &random))
                default: .string(text(&random))
                }
            map[key] = value(depth: depth, &random)
        }
        return map
    }
}
