import Documents
import EventModel
import Foundation

/// Reads `daybook.yaml` and the environment, and checks all of it before anything starts.
///
/// In the file, `${NAME}` in a text stands for the environment variable NAME. The well-known variables
/// (`NOTION_API_TOKEN` …) fill what the file leaves out.
struct ConfigurationReader {
    private let environment: [String: String]
    private var problems: [Problem] = []
    private var configuration = Configuration()

    /// Reads and checks; throws every mistake at once, each with its key, its value and a remedy.
    ///
    /// - Parameters:
    ///   - text: the file's content; nil uses the environment alone.
    ///   - file: its name, for messages.
    ///   - environment: the variables.
    static func read(
        _ text: String?,
        file: String,
        environment: [String: String]
    ) throws(Problems) -> Configuration {
        var reader = ConfigurationReader(environment: environment)
        if let text, !text.allSatisfy(\.isWhitespace) {
            do throws(Problem) {
                reader.readFile(try YAML.parse(text, file: file))
            } catch {
                throw Problems([error])
            }
        }
        reader.readEnvironment()
        guard reader.problems.isEmpty else { throw Problems(reader.problems) }
        return reader.configuration
    }

    private init(environment: [String: String]) { self.environment = environment }

    private mutating func readFile(_ root: Node) {
        var reader = MappingReader(root, what: "the configuration")
        if let folder = text(&reader, "data") { configuration.dataFolder = folder }
        if let files = reader.texts("workflows") { configuration.workflows = files }
        if let node = reader.node("http") { readHTTP(node) }
        if let node = reader.node("log") { readLogs(node) }
        if let node = reader.node("scrub") { readScrub(node) }
        if let node = reader.node("notion") { readNotion(node) }
        if let node = reader.node("webhooks") { readWebhooks(node) }
        if let node = reader.node("mail") { readMail(node) }
        if let node = reader.node("sms") { readSMS(node) }
        if let node = reader.node("slack") { readSlack(node) }
        if let node = reader.node("postgres") { readPostgres(node) }
        if let node = reader.node("secrets") { readSecrets(node) }
        if let node = reader.node("keys") { readKeys(node) }
        if let node = reader.node("checkpoints") { readCheckpoints(node) }
        if let node = reader.node("agents") { readAgents(node) }
        if let node = reader.node("circuit") { readCircuit(node) }
        if let node = reader.node("outgoing") { readOutgoing(node) }
        if let node = reader.node("files") { readFiles(node) }
        problems += reader.finish()
    }

    private mutating func readHTTP(_ node: Node) {
        var reader = MappingReader(node, what: "'http'")
        if let host = text(&reader, "host") { configuration.http.host = host }
        if let port = reader.integer("port", in: 0...65535) { configuration.http.port = Int(port) }
        problems += reader.finish()
    }

    private mutating func readLogs(_ node: Node) {
        var reader = MappingReader(node, what: "'log'")
        if let format = reader.choice("format", of: Configuration.Logs.Format.self) {
            configuration.logging.format = format
        }
        if let level = reader.choice("level", of: Configuration.Logs.Level.self) {
            configuration.logging.level = level
        }
        problems += reader.finish()
    }

    private mutating func readScrub(_ node: Node) {
        var reader = MappingReader(node, what: "'scrub'")
        if let node = reader.node("every") {
            let text = node.text ?? ""
            if text == "never" {
                configuration.scrub.interval = nil
            } else if let interval = try? DurationText.parse(text), interval >= .seconds(60) {
                configuration.scrub.interval = interval
            } else {
                report(
                    node,
                    "'scrub.every' is '\(text)'",
                    "write a duration from 60s on, such as 24h, or never"
                )
            }
        }
        if let rate = reader.integer("megabytes_per_second", in: 1...100_000) {
            configuration.scrub.megabytesPerSecond = Int(rate)
        }
        problems += reader.finish()
    }

    private mutating func readNotion(_ node: Node) {
        var reader = MappingReader(node, what: "'notion'")
        if let url = url(&reader, "url", schemes: ["https", "http"]) {
            configuration.notion.url = url
        }
        configuration.notion.token = text(&reader, "token")
        configuration.notion.parentPage = text(&reader, "parent_page")
        if let number = reader.integer("requests_per_minute", in: 1...100_000) {
            configuration.notion.requestsPerMinute = Int(number)
        }
        if let node = reader.node("poll") {
            let text = node.text ?? node.scalar?.intValue.map { "\($0)s" } ?? ""
            if let interval = try? DurationText.parse(text), interval >= .milliseconds(100) {
                configuration.notion.pollInterval = interval
            } else {
                report(
                    node,
                    "'notion.poll' is '\(text)'",
                    "write a duration from 100ms on: 60s, 5m"
                )
            }
        }
        for member in reader.node("databases")?.members ?? [] {
            if let id = member.node.text {
                configuration.notion.databases[member.key] = substituted(id, at: member.node)
            } else {
                report(member.node, "'notion.databases.\(member.key)' must be a database id")
            }
        }
        problems += reader.finish()
    }

    private mutating func readWebhooks(_ node: Node) {
        let schemes = ["notion", "github", "slack", "stripe", "standard-webhooks"]
        guard let members = node.members else {
            report(node, "'webhooks' must be a mapping from source to {scheme, secret}")
            return
        }
        for member in members {
            var reader = MappingReader(member.node, what: "'webhooks.\(member.key)'")
            let scheme = reader.text("scheme") ?? "standard-webhooks"
            if !schemes.contains(scheme), let place = reader.node("scheme") {
                report(
                    place,
                    "'webhooks.\(member.key).scheme' is '\(scheme)'",
                    Suggestion.remedy(for: scheme, among: schemes)
                )
            }
            let secret = text(&reader, "secret") ?? environment["WEBHOOK_SECRET"] ?? ""
            if secret.isEmpty {
                report(
                    member.node,
                    "'webhooks.\(member.key).secret' is missing",
                    "write it there as ${NAME}, or set WEBHOOK_SECRET"
                )
            }
            var webhook = Configuration.Webhook(
                source: member.key,
                scheme: scheme,
                secret: secret
            )
            if let seconds = reader.integer("tolerance_seconds", in: 1...86_400) {
                webhook.toleranceSeconds = Int(seconds)
            }
            configuration.webhooks.append(webhook)
            problems += reader.finish()
        }
    }

    private mutating func readMail(_ node: Node) {
        var reader = MappingReader(node, what: "'mail'")
        let server = url(&reader, "server", schemes: ["smtp", "smtps"])
        let sender = text(&reader, "sender")
        if server == nil { report(node, "'mail.server' is missing", "write smtp://host:587") }
        if sender?.contains("@") != true {
            report(node, "'mail.sender' is '\(sender ?? "")'", "write an address: desk@example.org")
        }
        var mail = Configuration.Mail(server: server ?? "", sender: sender ?? "")
        mail.user = text(&reader, "user")
        mail.password = text(&reader, "password")
        mail.requiresTLS = reader.boolean("tls") ?? true
        configuration.mail = mail
        problems += reader.finish()
    }

    private mutating func readSMS(_ node: Node) {
        var reader = MappingReader(node, what: "'sms'")
        let address = url(&reader, "url", schemes: ["https", "http"])
        let sender = text(&reader, "sender")
        if address == nil { report(node, "'sms.url' is missing", "write the gateway's address") }
        if sender == nil { report(node, "'sms.sender' is missing", "write a number or a name") }
        configuration.sms = Configuration.SMS(
            url: address ?? "",
            sender: sender ?? "",
            token: text(&reader, "token")
        )
        problems += reader.finish()
    }

    private mutating func readSlack(_ node: Node) {
        guard let members = node.members else {
            report(node, "'slack' must be a mapping from channel to webhook address")
            return
        }
        for member in members {
            let address = member.node.text.map { substituted($0, at: member.node) } ?? ""
            if Self.isURL(address, schemes: ["https", "http"]) {
                configuration.slack[member.key] = address
            } else {
                report(member.node, "'slack.\(member.key)' is no address", "write https://…")
            }
        }
    }

    private mutating func readPostgres(_ node: Node) {
        var reader = MappingReader(node, what: "'postgres'")
        let address = url(&reader, "url", schemes: ["postgres", "postgresql"])
        if let address {
            configuration.postgres = Configuration.Postgres(url: address)
        } else {
            report(node, "'postgres.url' is missing", "write postgresql://user:password@host/name")
        }
        if let schema = text(&reader, "schema") { configuration.postgres?.schema = schema }
        problems += reader.finish()
    }

    private mutating func readKeys(_ node: Node) {
        var reader = MappingReader(node, what: "'keys'")
        configuration.masterKeyFile = text(&reader, "master_key_file")
        problems += reader.finish()
    }

    private mutating func readSecrets(_ node: Node) {
        var reader = MappingReader(node, what: "'secrets'")
        let place = reader.node("key")
        if let place, let encoded = place.text.map({ substituted($0, at: place) }) {
            if let key = Data(base64Encoded: encoded), key.count == 32 {
                configuration.secretsKey = Array(key)
            } else {
                report(
                    place,
                    "'secrets.key' is not 32 bytes in base64",
                    "make one with: openssl rand -base64 32"
                )
            }
        }
        problems += reader.finish()
    }

    private mutating func readCheckpoints(_ node: Node) {
        var reader = MappingReader(node, what: "'checkpoints'")
        configuration.checkpoints.key = text(&reader, "key")
        if let node = reader.node("every") {
            let text = node.text ?? node.scalar?.intValue.map { "\($0)s" } ?? ""
            if let interval = try? DurationText.parse(text), interval >= .seconds(1) {
                configuration.checkpoints.interval = interval
            } else {
                report(
                    node,
                    "'checkpoints.every' is '\(text)'",
                    "write a duration from 1s on: 60s, 10m, 1h"
                )
            }
        }
        if let count = reader.integer("events", in: 1...1_000_000_000) {
            configuration.checkpoints.eventCount = UInt64(count)
        }
        problems += reader.finish()
    }

    private mutating func readAgents(_ node: Node) {
        var reader = MappingReader(node, what: "'agents'")
        let place = reader.node("token")
        configuration.agents.token = text(&reader, "token")
        if let place, let token = configuration.agents.token, token.utf8.count < 16 {
            report(
                place,
                "'agents.token' is shorter than 16 characters",
                "make one with: openssl rand -hex 24"
            )
        }
        if let node = reader.node("lease") {
            let text = node.text ?? node.scalar?.intValue.map { "\($0)s" } ?? ""
            let lease = try? DurationText.parse(text)
            if let lease, (.seconds(1) ... .seconds(3_600)).contains(lease) {
                configuration.agents.lease = lease
            } else {
                report(node, "'agents.lease' is '\(text)'", "write a duration from 1s to 1h: 30s")
            }
        }
        problems += reader.finish()
    }

    private mutating func readOutgoing(_ node: Node) {
        var reader = MappingReader(node, what: "'outgoing'")
        if let hosts = reader.texts("hosts") { configuration.outgoing.hosts = hosts }
        configuration.outgoing.privateAddresses = reader.boolean("private_addresses") ?? false
        for member in reader.node("credentials")?.members ?? [] {
            var credential = MappingReader(
                member.node,
                what: "'outgoing.credentials.\(member.key)'"
            )
            let host = text(&credential, "host") ?? ""
            let value = text(&credential, "value") ?? ""
            if host.isEmpty || value.isEmpty {
                report(
                    member.node,
                    "'outgoing.credentials.\(member.key)' needs 'host' and 'value'",
                    "write {host: api.example.org, value: \"Bearer ${NAME}\"}"
                )
            }
            configuration.outgoing.credentials[member.key] = Configuration.Outgoing.Credential(
                host: host,
                header: text(&credential, "header") ?? "Authorization",
                value: value
            )
            problems += credential.finish()
        }
        problems += reader.finish()
    }

    private mutating func readFiles(_ node: Node) {
        var reader = MappingReader(node, what: "'files'")
        configuration.files.supabaseBucket = text(&reader, "supabase_bucket")
        problems += reader.finish()
    }

    private mutating func readCircuit(_ node: Node) {
        var reader = MappingReader(node, what: "'circuit'")
        if let count = reader.integer("failures", in: 0...1_000) {
            configuration.circuit.failures = Int(count)
        }
        for (key, path) in [
            ("cool_down", \Configuration.Circuit.coolDown),
            ("cool_down_max", \Configuration.Circuit.coolDownMax),
        ] {
            guard let node = reader.node(key) else { continue }
            let text = node.text ?? node.scalar?.intValue.map { "\($0)s" } ?? ""
            if let length = try? DurationText.parse(text),
                (.seconds(1) ... .seconds(3_600)).contains(length)
            {
                configuration.circuit[keyPath: path] = length
            } else {
                report(node, "'circuit.\(key)' is '\(text)'", "write a duration from 1s to 1h: 30s")
            }
        }
        problems += reader.finish()
    }

    private mutating func readEnvironment() {
        configuration.masterKey = environment["DAYBOOK_MASTER_KEY"].nonEmpty
        if configuration.checkpoints.key == nil {
            configuration.checkpoints.key = environment["DAYBOOK_LOG_KEY"].nonEmpty
        }
        if configuration.notion.token == nil {
            configuration.notion.token = environment["NOTION_API_TOKEN"].nonEmpty
        }
        if configuration.notion.parentPage == nil {
            configuration.notion.parentPage = environment["NOTION_PARENT_PAGE_ID"].nonEmpty
        }
        if let page = configuration.notion.parentPage, Identifier(lenient: page) == nil {
            report(
                variable: "NOTION_PARENT_PAGE_ID",
                "'\(page)' is no page id",
                "take the 32 hexadecimal digits at the end of the page's address"
            )
        }
        if configuration.postgres == nil, let url = environment["SUPABASE_DB_URL"].nonEmpty {
            if Self.isURL(url, schemes: ["postgres", "postgresql"]) {
                configuration.postgres = Configuration.Postgres(url: url)
            } else {
                report(
                    variable: "SUPABASE_DB_URL",
                    "it is no PostgreSQL address",
                    "write postgresql://user:password@host:5432/postgres"
                )
            }
        }
        readSupabase()
        if configuration.files.supabaseBucket != nil, configuration.supabase == nil {
            report(
                variable: "SUPABASE_URL",
                "it is missing while files.supabase_bucket is set",
                "set SUPABASE_URL and SUPABASE_API_KEY, or remove files.supabase_bucket"
            )
        }
    }

    private mutating func readSupabase() {
        let url = environment["SUPABASE_URL"].nonEmpty
        let key = environment["SUPABASE_API_KEY"].nonEmpty
        switch (url, key) {
        case (nil, nil): break
        case (.some(let url), .some(let key)):
            if !Self.isURL(url, schemes: ["https", "http"]) {
                report(variable: "SUPABASE_URL", "'\(url)' is no address", "write https://…")
            }
            configuration.supabase = Configuration.Supabase(url: url, apiKey: key)
        case (.some, nil):
            report(
                variable: "SUPABASE_API_KEY",
                "it is missing while SUPABASE_URL is set",
                "set the project's secret key, or unset SUPABASE_URL"
            )
        case (nil, .some):
            report(
                variable: "SUPABASE_URL",
                "it is missing while SUPABASE_API_KEY is set",
                "set the project's address, or unset SUPABASE_API_KEY"
            )
        }
    }

    // MARK: Helpers

    private mutating func text(_ reader: inout MappingReader, _ key: String) -> String? {
        guard let node = reader.node(key) else { return nil }
        guard let text = node.text ?? node.scalar?.intValue.map(String.init) else {
            report(node, "'\(key)' must be a text, not a \(node.kind)")
            return nil
        }
        return substituted(text, at: node)
    }

    private mutating func url(
        _ reader: inout MappingReader,
        _ key: String,
        schemes: [String]
    ) -> String? {
        guard let value = text(&reader, key) else { return nil }
        if !Self.isURL(value, schemes: schemes), let node = reader.node(key) {
            let forms = schemes.map { "\($0)://…" }.joined(separator: " or ")
            report(node, "'\(key)' is '\(value)'", "write \(forms)")
        }
        return value
    }

    private mutating func substituted(_ text: String, at node: Node) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest.range(of: "}", range: start.upperBound..<rest.endIndex) else {
                report(node, "'\(text)' has '${' without '}'")
                return text
            }
            let name = String(rest[start.upperBound..<end.lowerBound])
            if let value = environment[name] {
                result += value
            } else {
                report(node, "the variable \(name) is not set", "export \(name)=…")
            }
            rest = rest[end.upperBound...]
        }
        return result + rest
    }

    private mutating func report(_ node: Node, _ message: String, _ remedy: String = "") {
        problems.append(Problem(at: node.place, message, remedy: remedy))
    }

    private mutating func report(variable: String, _ message: String, _ remedy: String) {
        let place = Place(file: "environment variable \(variable)", line: 1, column: 1)
        problems.append(Problem(at: place, message, remedy: remedy))
    }

    private static func isURL(_ text: String, schemes: [String]) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme else { return false }
        return schemes.contains(scheme)
            && (url.host?.isEmpty == false || scheme.hasPrefix("postgres"))
    }
}

extension String? {
    var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}

extension Identifier {
    /// Reads an id with or without dashes, as people copy it from an address.
    init?(lenient text: String) {
        let digits = text.filter(\.isHexDigit)
        guard digits.count == 32, text.allSatisfy({ $0.isHexDigit || $0 == "-" }),
            let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
