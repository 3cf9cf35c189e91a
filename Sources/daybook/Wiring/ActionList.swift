import Connectors
import HTTPClient
import Runtime
import WorkflowEngine

/// The actions of this program.
enum ActionList {
    /// The actions, ready to be called.
    ///
    /// Without Notion the ones on records are left out, so that a
    /// workflow that needs them is refused when it is deployed and not when it runs.
    static func make(
        _ configuration: Configuration,
        _ library: Library,
        _ notion: NotionParts?,
        client: HTTPClient,
        postgres: PostgresClient? = nil
    ) -> ActionCatalogue {
        let delivery = MessageDelivery(
            settings: settings(configuration),
            http: client,
            mail: client
        )
        let files = files(configuration, client)
        let outgoing = outgoing(configuration)
        let messaging: [any ActionHandler] = [
            NotifySend(delivery, templates: library.templates),
            EmailSend(delivery, files: files),
            EmailSendTemplate(delivery, templates: library.templates),
            SmsSend(delivery), SlackSend(delivery),
        ]
        let general: [any ActionHandler] = [
            HTTPRequestAction(client, settings: outgoing),
            FileUpload(files, transport: client, settings: outgoing), ReportGenerate(files),
            DataFilter(), DataTransform(), DataAggregate(finder: notion?.records), DataMatch(),
            AnalyticsTrack(),
        ]
        let tasks: [any ActionHandler] = notion == nil ? [] : [TaskSequence()]
        let database = postgres.map { [DatabaseQuery($0)] } ?? []
        let records = notion.map { NotionActions.all(store: $0.records, transport: client) } ?? []
        return ActionCatalogue(records + messaging + general + tasks + database)
    }

    private static func files(
        _ configuration: Configuration,
        _ client: HTTPClient
    ) -> any FileStore {
        if let bucket = configuration.files.supabaseBucket, let supabase = configuration.supabase {
            return SupabaseFileStore(
                client,
                url: supabase.url,
                key: supabase.apiKey,
                bucket: bucket
            )
        }
        return FolderFileStore(folder: configuration.dataFolder + "/files")
    }

    private static func outgoing(_ configuration: Configuration) -> OutgoingSettings {
        OutgoingSettings(
            hosts: configuration.outgoing.hosts,
            allowsPrivateAddresses: configuration.outgoing.privateAddresses,
            credentials: configuration.outgoing.credentials.mapValues {
                OutgoingSettings.Credential(host: $0.host, header: $0.header, value: $0.value)
            }
        )
    }

    /// The same actions for commands that only describe or check; nothing can be called with them.
    static func describing() throws(CommandFailure) -> ActionCatalogue {
        var configuration = Configuration()
        configuration.notion.token = "none"
        let library = try Library.load()
        let client = HTTPClient()
        let notion = NotionParts.make(configuration, library, client: client, time: SystemTime())
        // Never asked for a connection, so no server need be there.
        let postgres = PostgresClient(.init(connectionString: "postgresql:///"))
        let own = make(configuration, library, notion, client: client, postgres: postgres)
        return ActionCatalogue(own.handlers + EngineActions.describing)
    }

    private static func settings(_ configuration: Configuration) -> MessagingSettings {
        MessagingSettings(
            mailServer: configuration.mail.map {
                MailServer(
                    url: $0.server,
                    user: $0.user,
                    password: $0.password,
                    requiresTLS: $0.requiresTLS
                )
            },
            mailSender: configuration.mail?.sender,
            smsURL: configuration.sms?.url,
            smsSender: configuration.sms?.sender,
            smsToken: configuration.sms?.token,
            slackWebhooks: configuration.slack
        )
    }
}
