import EventModel

/// Someone who reads and writes in the workspace.
struct NotionUser {
    /// The connection that the token `ntn_sandbox` belongs to.
    static let botName = "Daybook Sandbox"
    static let botID = "5a4db0b0-0000-4000-8000-0000000000b0"
    static let workspaceID = "5a4db0b0-0000-4000-8000-000000000001"

    var id: String
    var name: String
    /// Nil for the bot.
    var email: String?

    static let bot = NotionUser(id: botID, name: botName, email: nil)

    /// The short form that stands in `created_by` of a page.
    var reference: Value { NotionUser.reference(id) }

    static func reference(_ id: String) -> Value { ["object": "user", "id": .string(id)] }

    /// The full form.
    ///
    /// - Parameter isSelf: true in `/users/me`, where a bot tells whose it is.
    func rendered(isSelf: Bool = false) -> Value {
        var map: ValueMap = [
            "object": "user", "id": .string(id), "name": .string(name), "avatar_url": .null,
        ]
        if let email {
            map["type"] = "person"
            map["person"] = ["email": .string(email)]
        } else {
            map["type"] = "bot"
            map["bot"] =
                isSelf
                ? [
                    "owner": ["type": "workspace", "workspace": true],
                    "workspace_name": "The sandbox",
                    "workspace_id": .string(NotionUser.workspaceID),
                    "workspace_limits": ["max_file_upload_size_in_bytes": 5_242_880],
                ] : [:]
        }
        return .map(map)
    }
}
