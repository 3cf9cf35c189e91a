import EventModel
import Synchronization

/// The sandbox behind its sockets: takes requests and mails, one at a time.
final class SandboxCore: Sendable {
    private let state = Mutex<SandboxState?>(nil)
    private let now: @Sendable () -> Timestamp

    init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// Puts the furnished state in, once the address is known.
    func open(_ furnished: SandboxState) {
        state.withLock { $0 = furnished }
    }

    /// Answers a request, with the disturbance that was ordered for it.
    func respond(to request: SandboxRequest) async -> SandboxReply {
        let isWatching = request.path.hasPrefix("/sandbox/")
        let fault =
            isWatching
            ? nil
            : state.withLock { $0?.takeFault(method: request.method, path: request.path) }
        // A delay after the commit keeps only the answer back: what a client sees that dies meanwhile
        // is done, although nobody told it so.
        if let fault, !fault.afterCommit { await SandboxCore.wait(fault) }
        let time = now()
        let reply = state.withLock { state -> SandboxReply? in
            let reply: SandboxReply?
            if let fault, let status = fault.status {
                if fault.afterCommit { _ = state?.answer(request) }
                reply = state?.reply(fault, status: status, to: request)
            } else {
                reply = state?.answer(request)
            }
            guard let reply, !isWatching else { return reply }
            state?.requests.append(SandboxCore.record(request, reply, time))
            return reply
        }
        if let fault, fault.afterCommit { await SandboxCore.wait(fault) }
        return reply ?? .refusal(503, "the sandbox is not open yet")
    }

    private static func wait(_ fault: Fault) async {
        guard fault.delayMilliseconds > 0 else { return }
        // A client that gives up ends the wait; its request is then handled all the same, as a slow
        // server would.
        try? await Task.sleep(for: .milliseconds(fault.delayMilliseconds))
    }

    /// What stands in for performing a command of a mail connection; nil to perform it.
    func mailRefusal(_ word: String) -> String? {
        let fault = state.withLock { $0?.takeFault(method: "SMTP", path: word) }
        return fault.flatMap(SandboxCore.mailReply)
    }

    /// Keeps a mail and gives the reply to it.
    func deliver(from: String, to: [String], bytes: [UInt8]) async -> String {
        let fault = state.withLock { $0?.takeFault(method: "SMTP", path: ".") }
        if let fault, fault.delayMilliseconds > 0 {
            try? await Task.sleep(for: .milliseconds(fault.delayMilliseconds))
        }
        let refusal = fault.flatMap(SandboxCore.mailReply)
        if let refusal, fault?.afterCommit != true { return refusal }
        let mail = MailMessage(
            from: from,
            to: to,
            content: MailContent(bytes[...]),
            sizeBytes: bytes.count,
            receivedAt: now()
        )
        let number = state.withLock { state -> Int in
            state?.mails.append(mail)
            return state?.mails.total ?? 0
        }
        return refusal ?? "250 2.0.0 Kept as number \(number)\r\n"
    }

    private static func mailReply(_ fault: Fault) -> String? {
        guard let status = fault.status else { return nil }
        return "\(status) \(fault.body?.stringValue ?? "A fault that was ordered")\r\n"
    }

    private static func record(
        _ request: SandboxRequest,
        _ reply: SandboxReply,
        _ time: Timestamp
    ) -> RequestRecord {
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return RequestRecord(
            method: request.method,
            path: request.path,
            query: query,
            idempotencyKey: request.headers["idempotency-key"],
            status: reply.status,
            at: time
        )
    }
}
