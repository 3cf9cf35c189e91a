import EventModel
import Foundation
import WorkflowEngine

/// Whom `http.request` and `file.upload` may talk to.
public struct OutgoingSettings: Sendable, Hashable {
    /// A header that the engine adds, so that it need not stand in a workflow or in the log.
    public struct Credential: Sendable, Hashable {
        /// The one host that it is sent to.
        public var host: String
        public var header: String
        public var value: String

        public init(host: String, header: String, value: String) {
            self.host = host
            self.header = header
            self.value = value
        }
    }

    /// Hosts, or `*.example.org` for all below one; empty allows every public host.
    public var hosts: [String]
    /// Whether loopback, private and link-local addresses may be reached.
    public var allowsPrivateAddresses: Bool
    public var credentials: [String: Credential]

    public init(
        hosts: [String] = [],
        allowsPrivateAddresses: Bool = false,
        credentials: [String: Credential] = [:]
    ) {
        self.hosts = hosts
        self.allowsPrivateAddresses = allowsPrivateAddresses
        self.credentials = credentials
    }

    /// The host of an address that may be called.
    func host(of url: String) throws(ActionFailure) -> String {
        guard let parts = URLComponents(string: url), let host = parts.host?.lowercased(),
            !host.isEmpty, ["http", "https"].contains(parts.scheme?.lowercased() ?? "")
        else {
            throw ActionInput.invalid("url", "is no address", remedy: "write https://host/path")
        }
        guard parts.user == nil, parts.password == nil else {
            throw ActionInput.invalid(
                "url",
                "holds a password, which would stand in the log",
                remedy: "use a credential of the configuration"
            )
        }
        guard hosts.isEmpty || hosts.contains(where: { Self.matches(host, $0) }) else {
            throw ActionFailure(
                code: "forbidden_host",
                message: "'\(host)' is not among outgoing.hosts of the configuration; add it there",
                isRetryable: false
            )
        }
        return host
    }

    static func matches(_ host: String, _ pattern: String) -> Bool {
        let pattern = pattern.lowercased()
        guard pattern.hasPrefix("*.") else { return host == pattern }
        return host.hasSuffix(pattern.dropFirst(1)) && host.count > pattern.count - 1
    }
}
