public import EventModel
import Foundation
public import Records

/// What a sandbox is made of.
public struct SandboxConfiguration: Sendable {
    /// The token that the sandbox takes from Daybook.
    public static let token = "ntn_sandbox"
    /// A token under which edits count as those of a staff member.
    public static let staffToken = "ntn_sandbox_staff"

    /// What stands in the databases at the start.
    public enum Organisation: Sendable, Hashable {
        /// An invented organisation with three business entities.
        case demonstration
        /// The databases with no rows.
        case empty
    }

    /// The databases to set up.
    public var catalogue: DatabaseCatalogue
    public var organisation: Organisation
    public var host: String
    /// 0 takes any free port.
    public var httpPort: Int
    /// 0 takes any free port.
    public var smtpPort: Int
    /// What ids of new pages are made from; two sandboxes with the same one give the same ids.
    public var nonce: String
    /// Rows that a query pages through at most; Notion's are 10,000.
    public var queryResultsMax: Int
    /// Notion's budget of a connection; nil for none.
    public var requestsPerMinute: Int?
    /// The clock.
    public var now: @Sendable () -> Timestamp

    public init(
        catalogue: DatabaseCatalogue,
        organisation: Organisation = .demonstration,
        host: String = "127.0.0.1",
        httpPort: Int = 0,
        smtpPort: Int = 0,
        nonce: String? = nil,
        queryResultsMax: Int = 10_000,
        requestsPerMinute: Int? = 600,
        now: @escaping @Sendable () -> Timestamp = SandboxConfiguration.systemTime
    ) {
        self.catalogue = catalogue
        self.organisation = organisation
        self.host = host
        self.httpPort = httpPort
        self.smtpPort = smtpPort
        // A sandbox that is started again must not give new rows the ids of old ones, since a log that
        // outlived it would take them for the same.
        self.nonce = nonce ?? UUID().uuidString
        self.queryResultsMax = queryResultsMax
        self.requestsPerMinute = requestsPerMinute
        self.now = now
    }

    /// The system's clock, to the microsecond.
    public static let systemTime: @Sendable () -> Timestamp = {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}

/// Why a sandbox did not start.
public struct SandboxError: Error, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
