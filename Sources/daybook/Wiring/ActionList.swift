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
        client: HTTPClient
    ) -> ActionCatalogue {
        let delivery = MessageDelivery(
            settings: settings(configuration),
            http: client,
            mail: client
        )
        let messaging: [any ActionHandler] = [
            NotifySend(delivery, templates: library.templates), EmailSend(delivery),
            SmsSend(delivery), SlackSend(delivery),
        ]
        let records = notion.map { NotionActions.all(store: $0.records, transport: client) } ?? []
        return ActionCatalogue(records + messaging)
    }

    /// The same actions for commands that only describe or check; nothing can be called with them.
    static func describing() throws(CommandFailure) -> ActionCatalogue {
        var configuration = Configuration()
        configuration.notion.token = "none"
        let library = try Library.load()
        let client = HTTPClient()
        let notion = NotionParts.make(configuration, library, client: client, time: SystemTime())
        let own = make(configuration, library, notion, client: client)
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
