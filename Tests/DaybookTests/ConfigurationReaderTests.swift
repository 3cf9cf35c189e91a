import Documents
import Testing

@testable import daybook

@Suite struct ConfigurationReaderTests {
    @Test func emptyConfigurationHasDefaults() throws {
        let configuration = try ConfigurationReader.read(
            nil,
            file: "daybook.yaml",
            environment: [:]
        )
        #expect(configuration == Configuration())
    }

    @Test func environmentFillsWhatTheFileLeavesOut() throws {
        let configuration = try ConfigurationReader.read(
            "webhooks: {booking_system: {scheme: stripe}}",
            file: "daybook.yaml",
            environment: [
                "NOTION_API_TOKEN": "ntn_x",
                "NOTION_PARENT_PAGE_ID": "0123456789abcdef0123456789abcdef",
                "WEBHOOK_SECRET": "whsec_x",
                "SUPABASE_DB_URL": "postgresql://u:p@db.example.org:5432/postgres",
                "SUPABASE_URL": "https://x.supabase.co", "SUPABASE_API_KEY": "sb_secret_x",
            ]
        )
        #expect(configuration.notion.token == "ntn_x")
        #expect(configuration.notion.parentPage == "0123456789abcdef0123456789abcdef")
        #expect(configuration.webhooks.first?.secret == "whsec_x")
        #expect(configuration.webhooks.first?.scheme == "stripe")
        #expect(configuration.postgres?.url == "postgresql://u:p@db.example.org:5432/postgres")
        #expect(configuration.supabase?.apiKey == "sb_secret_x")
    }

    @Test func theFileGoesBeforeTheEnvironment() throws {
        let configuration = try ConfigurationReader.read(
            "notion: {token: ntn_file, poll: 5m, requests_per_minute: 600}",
            file: "daybook.yaml",
            environment: ["NOTION_API_TOKEN": "ntn_environment"]
        )
        #expect(configuration.notion.token == "ntn_file")
        #expect(configuration.notion.pollInterval == .seconds(300))
        #expect(configuration.notion.requestsPerMinute == 600)
    }

    @Test func variablesAreSubstituted() throws {
        let configuration = try ConfigurationReader.read(
            "sms: {url: 'https://sms.example.org/${REGION}/send', sender: Desk, token: '${TOKEN}'}",
            file: "daybook.yaml",
            environment: ["REGION": "eu", "TOKEN": "t0ken"]
        )
        #expect(configuration.sms?.url == "https://sms.example.org/eu/send")
        #expect(configuration.sms?.token == "t0ken")
    }

    struct Mistake: CustomTestStringConvertible {
        let text: String
        let environment: [String: String]
        let message: String

        init(_ text: String, _ environment: [String: String] = [:], message: String) {
            self.text = text
            self.environment = environment
            self.message = message
        }

        var testDescription: String { message }
    }

    static let mistakes = [
        Mistake("htp: {port: 1}", message: "did you mean 'http'?"),
        Mistake("http: {port: 70000}", message: "0 to 65535"),
        Mistake("http: {port: eighty}", message: "whole number"),
        Mistake("log: {level: loud}", message: "'loud' is no level"),
        Mistake("notion: {poll: soon}", message: "'notion.poll' is 'soon'"),
        Mistake("notion: {poll: 1ms}", message: "from 100ms on"),
        Mistake("notion: {url: 'ftp://x'}", message: "write https://"),
        Mistake(
            "webhooks: {a: {scheme: standard-webhook, secret: s}}",
            message: "standard-webhooks"
        ),
        Mistake("webhooks: {a: {scheme: stripe}}", message: "set WEBHOOK_SECRET"),
        Mistake("mail: {server: 'smtp://h:25'}", message: "'mail.sender'"),
        Mistake("mail: {sender: a@b.example, server: h}", message: "smtp://"),
        Mistake("sms: {sender: a, url: '${NOWHERE}'}", message: "NOWHERE is not set"),
        Mistake("slack: {general: nowhere}", message: "'slack.general'"),
        Mistake("postgres: {url: 'mysql://x'}", message: "postgres"),
        Mistake("secrets: {key: c2hvcnQ=}", message: "openssl rand -base64 32"),
        Mistake("data: [a]", message: "'data' must be a text"),
        Mistake("a: b: c", message: "broken YAML"),
        Mistake("", ["NOTION_PARENT_PAGE_ID": "x"], message: "NOTION_PARENT_PAGE_ID"),
        Mistake("", ["SUPABASE_DB_URL": "x"], message: "SUPABASE_DB_URL"),
        Mistake("", ["SUPABASE_URL": "https://x.co"], message: "SUPABASE_API_KEY"),
        Mistake("", ["SUPABASE_API_KEY": "x"], message: "SUPABASE_URL"),
    ]

    @Test(arguments: mistakes)
    func everyMistakeNamesPlaceAndRemedy(mistake: Mistake) {
        let problems = #expect(throws: Problems.self) {
            try ConfigurationReader.read(
                mistake.text,
                file: "daybook.yaml",
                environment: mistake.environment
            )
        }
        #expect(problems?.description.contains(mistake.message) == true, "\(problems as Any)")
    }

    @Test func allMistakesComeAtOnce() {
        let text = "htp: 1\nlog: {level: loud}\nnotion: {poll: soon}\n"
        let problems = #expect(throws: Problems.self) {
            try ConfigurationReader.read(text, file: "daybook.yaml", environment: [:])
        }
        #expect(problems?.list.map(\.place.line) == [1, 2, 3])
    }
}
