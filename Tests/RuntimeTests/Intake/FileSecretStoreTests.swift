import DaybookTestKit
import Foundation
import Runtime
import Testing

@Suite struct FileSecretStoreTests {
    private let key = [UInt8](repeating: 7, count: 32)

    private func reference(_ identifier: String) throws -> SecretReference {
        try #require(SecretReference(name: "payment_info", identifier: identifier))
    }

    @Test func keepsTheFirstSecretAndHidesIt() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("secrets")
        let store = try FileSecretStore(folder: path, key: key)
        try await store.keep(Array("card".utf8), under: reference("a"))
        try await store.keep(Array("other".utf8), under: reference("a"))
        let again = try FileSecretStore(folder: path, key: key)
        #expect(try await again.secret(reference("a")) == Array("card".utf8))
        #expect(try await again.secret(reference("b")) == nil)
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(names == ["payment_info~a"])
        let bytes = try folder.bytes(of: "secrets/payment_info~a")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("card"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
    }

    @Test func noticesWhatWasChanged() async throws {
        let folder = try TemporaryFolder()
        let store = try FileSecretStore(folder: folder.file("secrets"), key: key)
        try await store.keep(Array("card".utf8), under: reference("a"))
        try await store.keep(Array("card".utf8), under: reference("b"))
        // A file that was put in the place of another one, another key, a turned bit.
        try folder.copy("secrets/payment_info~a", to: "secrets/payment_info~c")
        await #expect(throws: SecretError.self) { try await store.secret(reference("c")) }
        let other = try FileSecretStore(
            folder: folder.file("secrets"),
            key: [UInt8](repeating: 8, count: 32)
        )
        await #expect(throws: SecretError.self) { try await other.secret(reference("a")) }
        var bytes = try folder.bytes(of: "secrets/payment_info~b")
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes, to: "secrets/payment_info~b")
        await #expect(throws: SecretError.self) { try await store.secret(reference("b")) }
    }

    @Test func refusesABadKey() throws {
        let folder = try TemporaryFolder()
        #expect(throws: SecretError.self) {
            try FileSecretStore(folder: folder.file("secrets"), key: [1, 2, 3])
        }
    }

    @Test(arguments: [
        ("payment_info", true), ("a.b-c_1", true), ("", false), ("..", false), (".a", false),
        ("a/b", false), ("A", false), ("ž", false),
    ])
    func namesSecretsSafely(_ name: String, _ isGood: Bool) {
        #expect((SecretReference(name: name, identifier: "x") != nil) == isGood)
        #expect((SecretReference("secret://\(name)/x") != nil) == isGood)
    }
}
