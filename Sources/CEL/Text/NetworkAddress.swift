/// An address of the internet protocol, version 4 or 6, and possibly a range of them.
///
/// Syntax: RFC 4291 section 2.2 for version 6, RFC 4632 for ranges; text is written as RFC 5952 has
/// it. A version 4 address inside one of version 6 (`::ffff:c0a8:1`) is the version 4 address; written with
/// dots (`::ffff:192.168.0.1`) it is refused, because two spellings of one address hide rules.
final class NetworkAddress: Sendable {
    /// 4 bytes or 16.
    let bytes: [UInt8]
    /// How many leading bits a range fixes; nil for a single address.
    let prefix: Int?

    init(bytes: [UInt8], prefix: Int? = nil) {
        self.bytes = bytes
        self.prefix = prefix
    }

    var isRange: Bool { prefix != nil }

    var typeName: String { isRange ? "net.CIDR" : "net.IP" }

    /// Reads an address; nil if it is none.
    convenience init?(_ text: String) {
        guard text.utf8.count <= 45, let bytes = Self.parse(Array(text.utf8)) else { return nil }
        self.init(bytes: bytes)
    }

    /// Reads a range as in `192.168.0.0/24`; nil if it is none.
    convenience init?(range text: String) {
        let parts = text.utf8.split(separator: 47, omittingEmptySubsequences: false)
        guard text.utf8.count <= 49, parts.count == 2, let bytes = Self.parse(Array(parts[0])),
            let bits = Self.number(parts[1], max: 128), bits <= bytes.count * 8
        else { return nil }
        self.init(bytes: bytes, prefix: bits)
    }

    /// Whether both are the same: kind, address and length of the prefix.
    func isSame(as other: NetworkAddress) -> Bool {
        bytes == other.bytes && prefix == other.prefix
    }

    /// The address as RFC 5952 writes it, a range with its prefix.
    var text: String {
        let address = bytes.count == 4 ? Self.dotted(bytes) : Self.colons(bytes)
        return prefix.map { "\(address)/\($0)" } ?? address
    }

    /// The bytes with all bits behind the prefix cleared.
    func masked(_ bits: Int) -> [UInt8] {
        bytes.indices.map { index in
            let kept = min(max(bits - 8 * index, 0), 8)
            return bytes[index] & ~UInt8(truncatingIfNeeded: 0xFF >> kept)
        }
    }

    /// Whether the range holds an address, or all addresses of a range.
    func contains(_ other: NetworkAddress) -> Bool {
        guard let prefix, bytes.count == other.bytes.count else { return false }
        guard other.prefix ?? prefix >= prefix else { return false }
        return masked(prefix) == other.masked(prefix)
    }
}

// MARK: Kinds of addresses

extension NetworkAddress {
    var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    var isLoopback: Bool {
        bytes.count == 4
            ? bytes[0] == 127 : bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
    }

    private var isMulticast: Bool {
        bytes.count == 4 ? bytes[0] & 0xF0 == 0xE0 : bytes[0] == 0xFF
    }

    var isLinkLocalMulticast: Bool {
        bytes.count == 4
            ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0
            : bytes[0] == 0xFF && bytes[1] & 0x0F == 0x02
    }

    var isLinkLocalUnicast: Bool {
        bytes.count == 4
            ? bytes[0] == 169 && bytes[1] == 254
            : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }

    /// Any address that is none of the other kinds, private ones included.
    var isGlobalUnicast: Bool {
        let isBroadcast = bytes.count == 4 && bytes.allSatisfy { $0 == 255 }
        return !isBroadcast && !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
    }
}

// MARK: Text

extension NetworkAddress {
    private static func parse(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(58) else { return four(text[...]) }
        guard let bytes = six(text) else { return nil }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
        guard isMapped else { return bytes }
        return text.contains(46) ? nil : Array(bytes[12...])
    }

    private static func number(_ digits: some Collection<UInt8>, max: Int) -> Int? {
        guard (1...3).contains(digits.count), digits.count == 1 || digits.first != 48 else {
            return nil
        }
        var value = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            value = value * 10 + Int(digit) - 48
        }
        return value <= max ? value : nil
    }

    /// Four numbers with dots between; a leading zero could mean octal and is refused.
    private static func four(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: 46, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let value = number(part, max: 255) else { return nil }
            bytes.append(UInt8(value))
        }
        return bytes
    }

    /// Eight groups of hexadecimal digits; `::` stands once for as many zeros as are missing.
    private static func six(_ text: [UInt8]) -> [UInt8]? {
        guard let gap = text.firstRange(of: [58, 58], from: 0) else {
            guard let bytes = groups(text[...]), bytes.count == 16 else { return nil }
            return bytes
        }
        guard let head = groups(text[..<gap.lowerBound], isLast: false),
            let tail = groups(text[gap.upperBound...]), head.count + tail.count <= 14
        else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: ArraySlice<UInt8>, isLast: Bool = true) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: 58, omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if isLast, index + 1 == parts.count, part.contains(46) {
                guard let tail = four(part) else { return nil }
                bytes += tail
                continue
            }
            guard (1...4).contains(part.count),
                let value = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
                part.first != 43
            else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
        }
        return bytes
    }

    private static func dotted(_ bytes: [UInt8]) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }

    /// The longest run of at least two zero groups becomes `::`, the first one of equals.
    private static func colons(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !best.isEmpty else { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }
}
