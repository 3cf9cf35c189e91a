import Glibc

/// Which addresses are not of the public internet.
public enum PrivateAddress {
    /// Whether an address, as text, is loopback, private, link-local, shared, multicast, reserved, or
    /// none at all (IANA's special-purpose registries, RFC 6890).
    public static func isPrivate(_ text: String) -> Bool {
        // A scope such as %eth0 belongs to link-local addresses only.
        let plain = String(text.prefix { $0 != "%" })
        var four = in_addr()
        if inet_pton(AF_INET, plain, &four) == 1 {
            return isPrivate(four: withUnsafeBytes(of: &four) { Array($0) })
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, plain, &six) == 1 else { return true }
        return isPrivate(six: withUnsafeBytes(of: &six) { Array($0) })
    }

    private static func isPrivate(four bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (224...255, _): true
        case (100, 64...127), (172, 16...31), (198, 18...19): true
        case (192, 0): bytes[2] == 0 || bytes[2] == 2
        case (198, 51): bytes[2] == 100
        case (203, 0): bytes[2] == 113
        default: false
        }
    }

    private static func isPrivate(six bytes: [UInt8]) -> Bool {
        let isMapped =
            bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        // An IPv4 address inside: mapped, or translated (RFC 6052).
        let isTranslated = bytes[0..<12].elementsEqual([
            0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0,
        ])
        if isMapped || isTranslated { return isPrivate(four: Array(bytes[12...])) }
        // Only 2000::/3 is given out; of it documentation and 6to4 lead nowhere good.
        guard bytes[0] & 0xE0 == 0x20 else { return true }
        return bytes[0] == 0x20 && bytes[1] == 0x02
            || bytes[0..<4].elementsEqual([0x20, 0x01, 0x0D, 0xB8])
    }
}
