/// The name of a stream: a category and what it is about, `instance/018f…`, `record/contacts/2b4c…`.
///
/// A name is 3 to 255 bytes of visible ASCII without spaces; the first slash ends the category, which
/// is lower-case letters, digits and underscores.
public struct StreamName: Sendable, Hashable, Comparable {
    public let text: String

    /// Reads a name; throws ``StreamNameError`` if the text is none.
    public init(_ text: String) throws(StreamNameError) {
        guard text.utf8.count <= Limits.streamNameBytesMax else {
            throw StreamNameError(text: text, reason: "longer than 255 bytes")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw StreamNameError(text: text, reason: "only visible ASCII, no spaces")
        }
        guard let slash = text.utf8.firstIndex(of: StreamName.slash) else {
            throw StreamNameError(text: text, reason: "a category and a slash are missing")
        }
        let category = text.utf8[..<slash]
        guard !category.isEmpty, category.allSatisfy(StreamName.isCategoryByte) else {
            throw StreamNameError(
                text: text,
                reason: "the category must be lower-case letters, digits and underscores"
            )
        }
        guard text.utf8.index(after: slash) != text.utf8.endIndex else {
            throw StreamNameError(text: text, reason: "nothing follows the category")
        }
        self.text = text
    }

    /// Makes a name from parts that the program itself wrote.
    ///
    /// Bytes of `identifier` that a name cannot hold are percent-encoded, so any text is safe here; one
    /// that is too long is cut and ends in a digest, so two names never fall together.
    public init(category: StaticString, _ identifier: String) {
        text = "\(category)/" + StreamName.safe(identifier, roomBytes: 200)
    }

    /// The part before the first slash.
    public var category: String { String(Substring(text.utf8.prefix { $0 != StreamName.slash })) }

    /// The part after the first slash.
    public var identifier: String {
        String(Substring(text.utf8.drop { $0 != StreamName.slash }.dropFirst()))
    }

    private static let slash = UInt8(ascii: "/")

    public static func < (left: StreamName, right: StreamName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    private static func isCategoryByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func safe(_ text: String, roomBytes: Int) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        // A percent sign without digits behind it stands in no other name.
        if bytes.isEmpty { bytes = [UInt8(ascii: "%")] }
        guard bytes.count > roomBytes else { return String(decoding: bytes, as: UTF8.self) }
        let digest = Digest.sha256(text.utf8).hexadecimal.prefix(32)
        return String(decoding: bytes.prefix(roomBytes - 34), as: UTF8.self) + "%~" + digest
    }
}

extension StreamName: CustomStringConvertible {
    public var description: String { text }
}

/// Why a text is no stream name.
public struct StreamNameError: Error, Hashable, CustomStringConvertible {
    public let text: String
    public let reason: String

    public var description: String {
        "'\(text)' is no stream name: \(reason); write it as category/identifier"
    }
}
