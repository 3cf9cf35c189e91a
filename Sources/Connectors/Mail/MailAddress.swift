/// A mailbox: an address and, if known, whose it is.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    public let name: String?
    /// The address alone: `ana@example.org`.
    public let address: String

    /// Takes an address and a name.
    ///
    /// - Throws: ``MailMessageError`` if the address could not stand in a mail, or the name holds
    ///   line breaks.
    public init(name: String?, address: String) throws(MailMessageError) {
        guard MailAddress.isAddress(address) else {
            throw MailMessageError(
                "'\(address.prefix(80))' is no mail address; write it as name@example.org"
            )
        }
        try MailMessageError.refuseControls(name ?? "", in: "the name of \(address)")
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
        self.address = address
    }

    /// Reads `ana@example.org`, `Ana Novak <ana@example.org>` or `"Novak, Ana" <ana@example.org>`.
    ///
    /// - Throws: ``MailMessageError`` if there is no usable address in it.
    public init(_ text: String) throws(MailMessageError) {
        guard text.hasSuffix(">"), let start = text.lastIndex(of: "<") else {
            try self.init(name: nil, address: text.trimmingSpaces())
            return
        }
        let address = text[text.index(after: start)...].dropLast()
        var name = String(text[..<start]).trimmingSpaces()
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
            name = String(name.dropFirst().dropLast())
        }
        try self.init(name: name, address: String(address))
    }

    public var description: String { name.map { "\($0) <\(address)>" } ?? address }

    /// The part after the at sign.
    var domain: String { String(address.drop { $0 != "@" }.dropFirst()) }

    // A dot-atom on both sides (RFC 5321 section 4.1.2): quoted local parts and literal domains
    // are not worth the trouble that they make elsewhere.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, parts[0].utf8.count <= 64 else {
            return false
        }
        return isDotted(parts[0], extra: "!#$%&'*+-/=?^_`{|}~") && isDotted(parts[1], extra: "-")
    }

    private static func isDotted(_ text: Substring, extra: String) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                        || (0x61...0x7A).contains(byte) || extra.utf8.contains(byte)
                }
        }
    }
}

/// Why a mail cannot be made.
public struct MailMessageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do about it.
    public let description: String

    init(_ description: String) { self.description = description }

    /// A line break in a header would let a text add headers of its own.
    static func refuseControls(_ text: String, in what: String) throws(MailMessageError) {
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x2028
                && scalar.value != 0x2029
        }
        guard isClean else {
            throw MailMessageError("\(what) holds a line break or control character; remove it")
        }
    }
}

extension String {
    func trimmingSpaces() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
