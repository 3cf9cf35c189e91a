import EventModel

/// Everything that `daybook.yaml` and the environment can say.
struct Configuration: Sendable, Equatable {
    /// The folder of the log, its index and its views.
    var dataFolder = "data"
    var http = HTTP()
    var logging = Logs()
    var notion = Notion()
    var checkpoints = Checkpoints()
    /// Sources that may post to `/webhooks/workflow/<name>`.
    var webhooks: [Webhook] = []
    var mail: Mail?
    var sms: SMS?
    /// Incoming webhook addresses of Slack, by channel.
    var slack: [String: String] = [:]
    var postgres: Postgres?
    var supabase: Supabase?
    /// Files and folders of workflows that `serve` deploys at its start.
    var workflows: [String] = []
    var scrub = Scrub()
    var agents = Agents()
    var circuit = Circuit()
    var outgoing = Outgoing()
    var files = Files()
    /// Seals what must not enter the log; 32 bytes, base64 in the file.
    var secretsKey: [UInt8]?
    /// The text of the master key of personal values, from `DAYBOOK_MASTER_KEY`.
    var masterKey: String?
    /// The file of that key, where the environment does not hold it.
    var masterKeyFile: String?

    struct HTTP: Sendable, Equatable {
        var host = "127.0.0.1"
        var port = 8484
    }

    struct Logs: Sendable, Equatable {
        enum Format: String, CaseIterable, Sendable { case text, json }
        enum Level: String, CaseIterable, Sendable { case debug, info, notice, warning, error }

        var format = Format.text
        var level = Level.info
    }

    /// How the log is read through in the background.
    struct Scrub: Sendable, Equatable {
        /// From the begin of one walk to the begin of the next; nil never walks.
        var interval: Duration? = .seconds(86_400)
        /// How fast records are read at the most.
        var megabytesPerSecond = 20
    }

    /// Whom `http.request` may talk to.
    struct Outgoing: Sendable, Equatable {
        struct Credential: Sendable, Equatable {
            var host: String
            var header = "Authorization"
            var value: String
        }

        /// Empty allows every public host.
        var hosts: [String] = []
        var privateAddresses = false
        var credentials: [String: Credential] = [:]
    }

    /// Where reports and uploads are put.
    struct Files: Sendable, Equatable {
        /// A bucket of Supabase Storage; nil for a folder of the data folder.
        var supabaseBucket: String?
    }

    /// When calls to an integration are held back.
    struct Circuit: Sendable, Equatable {
        /// Outages in a row; 0 never holds back.
        var failures = 5
        var coolDown: Duration = .seconds(30)
        var coolDownMax: Duration = .seconds(120)
    }

    /// Workers outside the engine.
    struct Agents: Sendable, Equatable {
        /// What they must send; nil lets none in.
        var token: String?
        /// How long one may be silent before its steps go to others.
        var lease: Duration = .seconds(30)
    }

    struct Notion: Sendable, Equatable {
        var url = "https://api.notion.com"
        var token: String?
        var parentPage: String?
        /// 180 on most plans, 600 on Business and Enterprise.
        var requestsPerMinute = 180
        var pollInterval: Duration = .seconds(60)
        /// Database key to Notion database id, for those that the title does not find.
        var databases: [String: String] = [:]
    }

    struct Checkpoints: Sendable, Equatable {
        /// `PRIVATE+KEY+…`; without it the key lies in a file of the data folder.
        var key: String?
        /// A checkpoint is signed when the last one is this old and something was appended since.
        var interval: Duration = .seconds(600)
        /// … or when so many events came.
        var eventCount: UInt64 = 10_000
    }

    struct Webhook: Sendable, Equatable {
        var source: String
        /// `notion`, `github`, `slack`, `stripe` or `standard-webhooks`.
        var scheme: String
        var secret: String
        var toleranceSeconds = 300
    }

    struct Mail: Sendable, Equatable {
        /// `smtp://host:port` or `smtps://host:port`.
        var server: String
        var sender: String
        var user: String?
        var password: String?
        var requiresTLS = true
    }

    struct SMS: Sendable, Equatable {
        var url: String
        var sender: String
        var token: String?
    }

    struct Postgres: Sendable, Equatable {
        var url: String
        var schema = "daybook"
    }

    struct Supabase: Sendable, Equatable {
        var url: String
        var apiKey: String
    }
}
