import EventModel

extension FunctionLibrary {
    /// The extension `network`: addresses of the internet protocol and ranges of them.
    mutating func addNetwork() {
        global("ip") { (_, value) throws(Fault) in
            .network(try NetworkFunctions.address(value))
        }
        global("cidr") { (_, value) throws(Fault) in .network(try NetworkFunctions.range(value)) }
        global("isIP") { (_, value) throws(Fault) in
            .bool(NetworkAddress(try Cast.string(value)) != nil)
        }
        global("isCIDR") { (_, value) throws(Fault) in
            .bool(NetworkAddress(range: try Cast.string(value)) != nil)
        }
        global("ip.isCanonical") { (_, value) throws(Fault) in
            .bool(try NetworkFunctions.address(value).text == (try Cast.string(value)))
        }
        address("family") { .int($0.bytes.count == 4 ? 4 : 6) }
        address("isUnspecified") { .bool($0.isUnspecified) }
        address("isLoopback") { .bool($0.isLoopback) }
        address("isGlobalUnicast") { .bool($0.isGlobalUnicast) }
        address("isLinkLocalMulticast") { .bool($0.isLinkLocalMulticast) }
        address("isLinkLocalUnicast") { .bool($0.isLinkLocalUnicast) }
        range("ip") { range, _ in .network(NetworkAddress(bytes: range.bytes)) }
        range("prefixLength") { _, prefix in .int(prefix) }
        range("isMask") { range, prefix in .bool(range.masked(prefix) == range.bytes) }
        range("masked") { range, prefix in
            .network(NetworkAddress(bytes: range.masked(prefix), prefix: prefix))
        }
        receiver("containsIP") { (_, range, other) throws(Fault) in
            let range = try Cast.network(range, isRange: true)
            return .bool(range.contains(try NetworkFunctions.address(other)))
        }
        receiver("containsCIDR") { (_, range, other) throws(Fault) in
            let range = try Cast.network(range, isRange: true)
            return .bool(range.contains(try NetworkFunctions.range(other)))
        }
    }

    private mutating func address(
        _ name: String,
        _ body: @escaping @Sendable (NetworkAddress) -> Operand
    ) {
        receiver(name) { (_, value) throws(Fault) in
            body(try Cast.network(value, isRange: false))
        }
    }

    private mutating func range(
        _ name: String,
        _ body: @escaping @Sendable (NetworkAddress, Int) -> Operand
    ) {
        receiver(name) { (_, value) throws(Fault) in
            let range = try Cast.network(value, isRange: true)
            return body(range, range.prefix ?? 0)
        }
    }
}

extension Cast {
    static func network(_ operand: Operand, isRange: Bool) throws(Fault) -> NetworkAddress {
        guard case .network(let address) = operand, address.isRange == isRange else {
            throw .overload
        }
        return address
    }
}

enum NetworkFunctions {
    /// An address, or the text of one.
    static func address(_ operand: Operand) throws(Fault) -> NetworkAddress {
        if case .network = operand { return try Cast.network(operand, isRange: false) }
        let text = try Cast.string(operand)
        guard let address = NetworkAddress(text) else {
            throw Conversion.malformed(text, "an IP address as in '192.168.0.1' or '2001:db8::1'")
        }
        return address
    }

    /// A range, or the text of one.
    static func range(_ operand: Operand) throws(Fault) -> NetworkAddress {
        if case .network = operand { return try Cast.network(operand, isRange: true) }
        let text = try Cast.string(operand)
        guard let range = NetworkAddress(range: text) else {
            throw Conversion.malformed(text, "a range of addresses as in '192.168.0.0/24'")
        }
        return range
    }
}
