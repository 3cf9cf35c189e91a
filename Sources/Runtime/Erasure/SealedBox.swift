import Crypto
import EventModel
import Foundation

/// The personal values of one event, encrypted with the key of their subject.
///
/// It stands in the event's metadata under ``member`` as the list `[1, subject, bytes]`; the bytes are
/// a random nonce (12), the ciphertext of the deterministic CBOR of the list of values, and the tag
/// (16) of AES-256-GCM. The associated data is the deterministic CBOR of `["daybook-sealed-1", id
/// (16 bytes), stream, type, subject, data]`, the data as it is stored: so no box fits another event,
/// another subject or changed data.
struct SealedBox: Sendable, Hashable {
    /// The reserved member of the metadata.
    static let member = "sealed"
    /// Stands in its place when a reader gets the event after the erasure: the subject.
    static let erasedMember = "erased_subject"
    private static let format: Int64 = 1
    private static let domain = "daybook-sealed-1"

    var subject: Subject
    var bytes: [UInt8]

    /// What binds a box to its event.
    struct Place {
        var id: EventID
        var stream: StreamName
        var type: String
        var data: Value

        func associatedData(_ subject: Subject) -> [UInt8] {
            let parts: [Value] = [
                .string(SealedBox.domain), .bytes(id.bytes), .string(stream.text), .string(type),
                .string(subject.text), data,
            ]
            return Value.list(parts).canonicalBytes
        }
    }

    var value: Value { [.int(SealedBox.format), .string(subject.text), .bytes(bytes)] }

    /// Reads the form back; nil if it is none, or one of a later version.
    init?(_ value: Value) {
        guard let parts = value.listValue, parts.count == 3, parts[0] == .int(SealedBox.format),
            let subject = parts[1].stringValue.flatMap({ Subject($0) }),
            let bytes = parts[2].bytesValue
        else { return nil }
        self.subject = subject
        self.bytes = bytes
    }

    /// Seals values; each sealing has a nonce of its own.
    init(
        _ values: [Value],
        of subject: Subject,
        at place: Place,
        key: SymmetricKey
    ) throws {
        let box = try AES.GCM.seal(
            Value.list(values).canonicalBytes,
            using: key,
            authenticating: place.associatedData(subject)
        )
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        self.subject = subject
        bytes = Array(combined)
    }

    /// The values; nil if the key is another one or anything was changed.
    func open(at place: Place, key: SymmetricKey) -> [Value]? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let plain = try? AES.GCM.open(
                box,
                using: key,
                authenticating: place.associatedData(subject)
            ),
            let value = try? Value(canonicalBytes: Array(plain))
        else { return nil }
        return value.listValue
    }
}
