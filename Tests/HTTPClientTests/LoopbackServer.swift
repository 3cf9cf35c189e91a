import Foundation
import Glibc
import Synchronization

/// A server on 127.0.0.1 for tests: a thread for each connection runs what the test wants.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let open = Mutex<[Int32]>([])
    private let accepted = Atomic<Int>(0)

    var url: String { "http://127.0.0.1:\(port)" }
    var connectionCount: Int { accepted.load(ordering: .relaxed) }

    init(_ serve: @escaping @Sendable (LoopbackConnection) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, sizeBefore) = (listener, size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, sizeBefore) == 0 && listen(descriptor, 512) == 0
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in acceptAll(serve) }
    }

    func stop() {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        open.withLock { for descriptor in $0 { _ = shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    private func acceptAll(_ serve: @escaping @Sendable (LoopbackConnection) -> Void) {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            let number = accepted.add(1, ordering: .relaxed).newValue
            open.withLock { $0.append(descriptor) }
            Thread.detachNewThread { [self] in
                serve(LoopbackConnection(descriptor: descriptor, number: number))
                open.withLock { $0.removeAll { $0 == descriptor } }
                _ = close(descriptor)
            }
        }
        _ = close(listener)
    }

    /// A port on which nobody listens.
    static func closedPort() throws -> UInt16 {
        let server = try LoopbackServer { _ in }
        server.stop()
        return server.port
    }
}

/// One accepted connection, read and written by its own thread.
final class LoopbackConnection {
    let number: Int
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }

    /// The next line without its end, or nil if the other side is gone.
    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end].filter { $0 != 0x0D }
                buffer.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    func bytes(_ count: Int) -> [UInt8]? {
        while buffer.count < count { guard fill() else { return nil } }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }
}

/// A request as the loopback server has read it.
struct SeenRequest: Sendable {
    var method: String
    var target: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}

extension LoopbackServer {
    /// Serves HTTP/1.1: `answer` gives the raw bytes of each answer, nil to hang up.
    static func http(
        _ answer: @escaping @Sendable (SeenRequest) -> [UInt8]?
    ) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while let request = connection.request() {
                guard let bytes = answer(request) else { return }
                connection.write(bytes)
            }
        }
    }

    /// The raw bytes of an answer.
    static func answer(
        _ status: Int = 200,
        headers: [String] = [],
        body: [UInt8] = []
    ) -> [UInt8] {
        let lines =
            ["HTTP/1.1 \(status) Words"] + headers + ["Content-Length: \(body.count)", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8) + body
    }
}

extension LoopbackConnection {
    fileprivate func request() -> SeenRequest? {
        guard let start = line()?.split(separator: " "), start.count == 3 else { return nil }
        var headers: [(name: String, value: String)] = []
        while let line = line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            headers.append((String(parts[0]), value))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }?.value
        guard let body = bytes(Int(length ?? "0") ?? 0) else { return nil }
        return SeenRequest(
            method: String(start[0]),
            target: String(start[1]),
            headers: headers,
            body: body
        )
    }
}

/// Something that happens once; threads wait by blocking, tasks by awaiting.
final class Happening: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let state = Mutex<(happened: Bool, waiting: [CheckedContinuation<Void, Never>])>(
        (false, [])
    )

    func happen() {
        let waiting = state.withLock { state in
            state.happened = true
            defer { state.waiting = [] }
            return state.waiting
        }
        semaphore.signal()
        for continuation in waiting { continuation.resume() }
    }

    func blockUntilItHappens() {
        semaphore.wait()
        semaphore.signal()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let happened = state.withLock { state in
                if !state.happened { state.waiting.append(continuation) }
                return state.happened
            }
            if happened { continuation.resume() }
        }
    }
}
