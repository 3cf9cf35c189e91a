import Crypto
import Foundation

/// The key that wraps all keys of subjects: 32 bytes that are kept outside the key store.
public struct MasterKey: Sendable {
    /// Where it came from, for messages: `DAYBOOK_MASTER_KEY` or a file.
    public let origin: String
    private let key: SymmetricKey

    /// How many bytes it has.
    public static let byteCount = 32

    /// Wraps bytes.
    ///
    /// - Throws: ``KeyStoreError`` if they are not 32.
    public init(bytes: [UInt8], origin: String) throws(KeyStoreError) {
        guard bytes.count == MasterKey.byteCount else {
            throw KeyStoreError(
                .badMasterKey,
                "the master key of \(origin) has \(bytes.count) bytes; it must have 32, such as "
                    + "'openssl rand -hex 32' makes"
            )
        }
        self.origin = origin
        key = SymmetricKey(data: bytes)
    }

    /// Reads 64 hexadecimal digits or 32 bytes in base64.
    ///
    /// - Throws: ``KeyStoreError`` if the text is neither.
    public init(text: String, origin: String) throws(KeyStoreError) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let bytes = MasterKey.hexadecimal(text) ?? MasterKey.base64(text) else {
            throw KeyStoreError(
                .badMasterKey,
                "the master key of \(origin) is neither 64 hexadecimal digits nor 32 bytes in "
                    + "base64; make one with: openssl rand -hex 32"
            )
        }
        try self.init(bytes: bytes, origin: origin)
    }

    /// A new random one, with its text for a file.
    public static func random(
        origin: String
    ) throws(KeyStoreError) -> (key: MasterKey, text: String) {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let digits = Array("0123456789abcdef")
        let text = String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        return (try MasterKey(bytes: bytes, origin: origin), text)
    }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        guard text.utf8.count == 2 * byteCount else { return nil }
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private static func base64(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.count == byteCount else { return nil }
        return Array(data)
    }

    /// Wraps the bytes of a key, bound to a name.
    func wrap(_ bytes: [UInt8], for name: String) throws(KeyStoreError) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(
                bytes,
                using: key,
                authenticating: MasterKey.associatedData(name)
            )
            return Array(box.combined ?? Data())
        } catch {
            throw KeyStoreError(.damaged, "the key of \(name) cannot be wrapped: \(error)")
        }
    }

    /// The bytes that were wrapped; nil if the master key is another one or the bytes were changed.
    func unwrap(_ wrapped: [UInt8], for name: String) -> [UInt8]? {
        guard let box = try? AES.GCM.SealedBox(combined: wrapped),
            let bytes = try? AES.GCM.open(
                box,
                using: key,
                authenticating: MasterKey.associatedData(name)
            )
        else { return nil }
        return Array(bytes)
    }

    private static func associatedData(_ name: String) -> [UInt8] {
        Array("daybook-key-1\n\(name)".utf8)
    }
}

/// Why keys cannot be used; never holds a key.
public struct KeyStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        /// The master key is no key of 32 bytes.
        case badMasterKey = "bad_master_key"
        /// The keys were wrapped by another master key.
        case wrongMasterKey = "wrong_master_key"
        /// There is no key store although the log was sealed with one.
        case missing
        /// A row of the key store is not what was written.
        case damaged
        /// The operating system or LMDB refused.
        case inputOutput = "input_output"
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
