import EventModel
import Foundation
public import HTTPClient
public import WorkflowEngine

/// Where reports and uploads are put.
public protocol FileStore: Sendable {
    /// Puts a file in its place; the same path again replaces it, so a repeat changes nothing.
    ///
    /// - Returns: the address by which it is read again.
    /// - Throws: ``ActionFailure``.
    func put(_ bytes: [UInt8], at path: String, type: String) async throws(ActionFailure) -> String

    /// The bytes of a file that was put here; nil if the address is not one of this store.
    ///
    /// - Throws: ``ActionFailure`` with `not_found`.
    func bytes(at url: String) async throws(ActionFailure) -> [UInt8]?
}

/// What paths and sizes files may have.
public enum FileLimits {
    public static let bytesMax = 16 << 20
    public static let pathBytesMax = 200

    /// A path below the store: names of letters, digits, `_`, `-`, `.` and space, with slashes.
    static func check(_ path: String) throws(ActionFailure) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isGood =
            path.utf8.count <= pathBytesMax
            && parts.allSatisfy { part in
                !part.isEmpty && part.first != "."
                    && part.allSatisfy { $0.isLetter || $0.isNumber || "_-. ".contains($0) }
            }
        guard isGood else {
            throw ActionInput.invalid(
                "path",
                "is '\(path.prefix(80))'",
                remedy: "write names of letters, digits, _, -, . and spaces with / between them"
            )
        }
    }
}

/// Files in a folder of this machine; addresses are `daybook-file:` and the path.
public struct FolderFileStore: FileStore {
    static let scheme = "daybook-file:"

    private let folder: String

    /// - Parameter folder: is made when the first file comes.
    public init(folder: String) { self.folder = folder }

    public func put(
        _ bytes: [UInt8],
        at path: String,
        type: String
    ) async throws(ActionFailure) -> String {
        try FileLimits.check(path)
        let file = URL(fileURLWithPath: folder).appendingPathComponent(path)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(bytes).write(to: file, options: .atomic)
        } catch {
            throw ActionFailure(
                code: "unavailable",
                message: "\(file.path) cannot be written: \(error.localizedDescription)",
                isRetryable: true
            )
        }
        return Self.scheme + path
    }

    public func bytes(at url: String) async throws(ActionFailure) -> [UInt8]? {
        guard url.hasPrefix(Self.scheme) else { return nil }
        let path = String(url.dropFirst(Self.scheme.count))
        try FileLimits.check(path)
        let file = URL(fileURLWithPath: folder).appendingPathComponent(path)
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw ActionFailure(
                code: "not_found",
                message: "there is no file '\(path)'",
                isRetryable: false
            )
        }
        return Array(data)
    }
}

/// Files in a bucket of Supabase Storage, by its HTTP interface.
public struct SupabaseFileStore: FileStore {
    private let transport: any HTTPTransport
    private let url: String
    private let key: String
    private let bucket: String

    /// - Parameters:
    ///   - url: the project's address.
    ///   - key: its secret key.
    ///   - bucket: must exist.
    public init(_ transport: any HTTPTransport, url: String, key: String, bucket: String) {
        self.transport = transport
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.key = key
        self.bucket = bucket
    }

    public func put(
        _ bytes: [UInt8],
        at path: String,
        type: String
    ) async throws(ActionFailure) -> String {
        try FileLimits.check(path)
        let address = address(path)
        var headers = headers
        headers.append(HTTPHeader("Content-Type", type))
        headers.append(HTTPHeader("x-upsert", "true"))
        _ = try await send(
            HTTPRequest(method: "POST", url: address, headers: headers, body: bytes)
        )
        return address
    }

    public func bytes(at url: String) async throws(ActionFailure) -> [UInt8]? {
        guard url.hasPrefix(address("")) else { return nil }
        let request = HTTPRequest(
            url: url,
            headers: headers,
            responseBytesMax: FileLimits.bytesMax
        )
        return try await send(request).body
    }

    private var headers: [HTTPHeader] {
        [HTTPHeader("Authorization", "Bearer \(key)"), HTTPHeader("apikey", key)]
    }

    private func address(_ path: String) -> String {
        let safe = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return "\(url)/storage/v1/object/\(bucket)/\(safe)"
    }

    private func send(_ request: HTTPRequest) async throws(ActionFailure) -> HTTPResponse {
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await transport.send(request)
        } catch {
            throw HTTPCall.failure(error)
        }
        guard (200..<300).contains(response.status) else {
            throw HTTPCall.failure(response, request.url)
        }
        return response
    }
}
