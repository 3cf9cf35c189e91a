public import EventModel
import Foundation
public import HTTPClient
public import WorkflowEngine

/// `file.upload`: a file from somewhere into the file store.
public struct FileUpload: ActionHandler {
    private let call: HTTPCall
    private let store: any FileStore

    /// Takes the store, what fetches, and from whom it may fetch.
    public init(
        _ store: any FileStore,
        transport: any HTTPTransport,
        settings: OutgoingSettings
    ) {
        self.store = store
        call = HTTPCall(transport: transport, settings: settings)
    }

    public let descriptor = ActionDescriptor(
        name: "file.upload",
        aliases: ["upload_file"],
        summary: "Puts a file into the file store.",
        discussion: """
            From `source_url`, over HTTP by the rules of http.request, or from an earlier file's \
            address, or from `content`. At most 16 MiB. The same destination again replaces the file, \
            so a repeat changes nothing. The store is the folder data/files, or a bucket of Supabase \
            Storage if files.supabase_bucket is set.
            """,
        inputs: [
            ActionField("destination_path", .string, required: true, "where, such as a/b.pdf"),
            ActionField("source_url", .string, "http:// or https://, or a file of the store"),
            ActionField("content", .any, "or a text or bytes"),
            ActionField("content_type", .string, "what the source says if not given"),
            ActionField("credential", .string, "a name under outgoing.credentials"),
        ],
        outputs: FileUpload.outputs,
        effect: .once
    )

    static let outputs = [
        ActionField("file_url", .string, required: true, "the address of the file"),
        ActionField("path", .string, required: true, "its path in the store"),
        ActionField("size_bytes", .integer, required: true, "how long it is"),
        ActionField("sha256", .string, required: true, "its digest"),
        ActionField("content_type", .string, required: true, "what it is"),
    ]

    public func integration(for input: Value) -> String? {
        let host = input["source_url"]?.stringValue.flatMap { URLComponents(string: $0)?.host }
        return host.map { "http:\($0.lowercased())" }
    }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let path = try input.text("destination_path")
        try FileLimits.check(path)
        var (bytes, type) = try await source(input)
        if let given = try input.optionalText("content_type") { type = given }
        return try await Self.put(bytes, at: path, type: type, in: store)
    }

    /// Puts a file and says what became of it.
    static func put(
        _ bytes: [UInt8],
        at path: String,
        type: String,
        in store: any FileStore
    ) async throws(ActionFailure) -> Value {
        guard bytes.count <= FileLimits.bytesMax else {
            throw ActionFailure(
                code: "too_large",
                message: "the file has \(bytes.count) bytes; \(FileLimits.bytesMax) are the most",
                isRetryable: false
            )
        }
        let url = try await store.put(bytes, at: path, type: type)
        return [
            "file_url": .string(url), "path": .string(path),
            "size_bytes": .int(Int64(bytes.count)),
            "sha256": .string(Digest.sha256(bytes).hexadecimal), "content_type": .string(type),
        ]
    }

    private func source(
        _ input: ActionInput
    ) async throws(ActionFailure) -> (bytes: [UInt8], type: String) {
        if let content = input.members["content"], !content.isNull {
            if let bytes = content.bytesValue { return (bytes, "application/octet-stream") }
            guard let text = content.stringValue else {
                throw ActionInput.invalid(
                    "content",
                    "is a \(content.typeName)",
                    remedy: "give a text or bytes"
                )
            }
            return (Array(text.utf8), "text/plain; charset=utf-8")
        }
        let url = try input.text("source_url")
        if let bytes = try await store.bytes(at: url) {
            return (bytes, "application/octet-stream")
        }
        let (response, last) = try await call.send(
            HTTPRequest(
                url: url,
                timeout: .seconds(120),
                responseBytesMax: FileLimits.bytesMax
            ),
            credential: try input.optionalText("credential"),
            followsRedirects: true
        )
        guard (200..<300).contains(response.status) else {
            throw HTTPCall.failure(response, last)
        }
        return (response.body, response["Content-Type"] ?? "application/octet-stream")
    }
}
