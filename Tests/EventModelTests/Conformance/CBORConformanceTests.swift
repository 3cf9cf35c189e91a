import DaybookTestKit
import EventModel
import Foundation
import Testing

@Suite final class CBORConformanceTests {
    private var (passed, total) = (0, 0)

    @Test func everyRowHolds() throws {
        for file in ["appendix-a", "decode"] { try decodesAndReencodes(file: file) }
        try encodes(file: "encode", key: "hex")
        try encodes(file: "dcbor", key: "core_hex")
        for file in ["malformed", "invalid"] { try refuses(file: file) }
        try staysWithinLimits()
        try strictReaderTakesCoreOnly()
        guard Conformance.folder("cbor") != nil else { return }
        Conformance.report("cbor", passed: passed, total: total)
        #expect(total > 0)
    }

    /// Runs a check over the rows of a file, counts, and fails with the names of failed rows.
    private func run(_ file: String, _ check: ([String: Any]) -> String?) throws {
        guard let rows = try conformanceRows("cbor", file + ".json") else { return }
        let failures = rows.compactMap { row in
            check(row).map { "\(row["name"] ?? "?"): \($0)" }
        }
        passed += rows.count - failures.count
        total += rows.count
        #expect(failures.isEmpty, "\(file): \(failures.prefix(20).joined(separator: "\n"))")
    }

    private func hex(_ row: [String: Any], _ key: String = "hex") -> [UInt8] {
        bytes(hexadecimal: row[key] as? String ?? "")
    }

    private func decodesAndReencodes(file: String) throws {
        try run(file) { row in
            let input = hex(row)
            guard let item = try? CBORItem.decode(input) else { return "refused" }
            guard let wanted = CBORItem(conformance: row["value"]) else { return "bad row" }
            guard item == wanted else { return "read as \(item)" }
            let encoded = hexadecimal(item.encode())
            guard encoded == row["deterministic_hex"] as? String else { return "wrote \(encoded)" }
            let isDeterministic = row["deterministic"] as? Bool ?? false
            let isTaken = (try? CBORItem.decode(input, mode: .strict)) != nil
            return isTaken == isDeterministic ? nil : "strict: \(isTaken)"
        }
    }

    private func encodes(file: String, key: String) throws {
        try run(file) { row in
            guard let item = CBORItem(conformance: row["value"]) else { return "bad row" }
            let encoded = hexadecimal(item.encode())
            return encoded == row[key] as? String ? nil : "wrote \(encoded)"
        }
    }

    private func refuses(file: String) throws {
        try run(file) { row in
            let input = hex(row)
            if (try? CBORItem.decode(input)) != nil { return "taken" }
            if (try? Value(canonicalBytes: input)) != nil { return "taken as a value" }
            return nil
        }
    }

    private func staysWithinLimits() throws {
        try run("limits") { row in
            let input = hex(row)
            let item = try? CBORItem.decode(input)
            guard row["outcome"] as? String == "same-or-limit" else {
                return item == nil ? nil : "taken"
            }
            guard let item else { return nil }
            return item.encode() == input ? nil : "changed"
        }
    }

    private func strictReaderTakesCoreOnly() throws {
        try run("dcbor-reject") { row in
            guard let wanted = row["core_accepts"] as? Bool else { return nil }
            let isTaken = (try? CBORItem.decode(hex(row), mode: .strict)) != nil
            return isTaken == wanted ? nil : "strict: \(isTaken)"
        }
    }

    /// Whatever a value can hold at all, both codecs must agree on.
    @Test(arguments: ["appendix-a", "decode"])
    func valueCodecAgrees(file: String) throws {
        guard let rows = try conformanceRows("cbor", file + ".json") else { return }
        var readCount = 0
        let failures = rows.filter { row in
            let input = hex(row, "deterministic_hex")
            do {
                let value = try Value(canonicalBytes: input)
                readCount += 1
                return value.canonicalBytes != input
            } catch {
                return (error as? CBORError)?.code != .unsupported
            }
        }
        #expect(failures.isEmpty, "\(failures.compactMap { $0["name"] })")
        #expect(readCount > 0)
    }
}

extension CBORItem {
    /// Reads a value as the vectors write it.
    init?(conformance row: Any?) {
        guard let object = row as? [String: Any], let (kind, content) = object.first else {
            return nil
        }
        switch (kind, content) {
        case ("int", let text as String): self.init(decimal: text)
        case ("float", let text as String):
            guard let number = Double(text) else { return nil }
            self = .float(number.isNaN ? .nan : number)
        case ("bytes", let text as String): self = .bytes(EventModelTests.bytes(hexadecimal: text))
        case ("text", let text as String): self = .text(text)
        case ("array", let rows as [Any]):
            self = .array(rows.compactMap(CBORItem.init(conformance:)))
        case ("map", let rows as [[Any]]):
            self = .map(
                rows.compactMap { row in
                    guard let key = CBORItem(conformance: row.first),
                        let value = CBORItem(conformance: row.last)
                    else { return nil }
                    return Member(key: key, value: value)
                }
            )
        case ("tag", let row as [Any]):
            guard let number = (row.first as? String).flatMap(UInt64.init),
                let item = CBORItem(conformance: row.last)
            else { return nil }
            self = .tag(number, item)
        case ("simple", let number as Int): self = .simple(UInt8(number))
        case ("bool", let truth as Bool): self = .bool(truth)
        case ("null", _): self = .null
        case ("undefined", _): self = .undefined
        default: return nil
        }
    }

    /// Reads a decimal integer of any length.
    init?(decimal text: String) {
        let isNegative = text.hasPrefix("-")
        var magnitude: [UInt8] = []
        for digit in text.drop(while: { $0 == "-" }) {
            guard var carry = digit.wholeNumberValue else { return nil }
            for index in magnitude.indices.reversed() {
                let product = Int(magnitude[index]) * 10 + carry
                magnitude[index] = UInt8(product & 0xFF)
                carry = product >> 8
            }
            if carry > 0 { magnitude.insert(UInt8(carry), at: 0) }
        }
        if isNegative, let lowest = magnitude.lastIndex(where: { $0 != 0 }) {
            // -n is written as -1 minus (n - 1).
            magnitude[lowest] -= 1
            for index in magnitude.indices where index > lowest { magnitude[index] = 0xFF }
        }
        self = .integer(isNegative: isNegative, bigEndian: magnitude)
    }
}
