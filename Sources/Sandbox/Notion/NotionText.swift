import EventModel

/// Rich text: a list of pieces, each a text, a mention or an equation.
enum NotionText {
    /// One plain piece, as Notion answers it.
    static func plain(_ text: String) -> Value {
        piece(["type": "text", "text": ["content": .string(text), "link": .null]], text, nil, nil)
    }

    /// A plain text as a list of pieces, cut so that none is longer than Notion takes.
    static func pieces(_ text: String) -> Value {
        var pieces: [Value] = []
        var current = ""
        var length = 0
        for character in text {
            let size = character.utf16.count
            if length + size > NotionLimits.textLengthMax {
                pieces.append(plain(current))
                current = ""
                length = 0
            }
            current.append(character)
            length += size
        }
        if !current.isEmpty { pieces.append(plain(current)) }
        return .list(pieces)
    }

    /// What a reader sees of the pieces.
    static func plainText(_ pieces: Value?) -> String {
        (pieces?.listValue ?? []).map { $0["plain_text"]?.stringValue ?? "" }.joined()
    }

    /// Checks pieces that a client wrote and completes them as Notion answers them.
    ///
    /// - Parameters:
    ///   - value: what the client wrote.
    ///   - path: where it stands in the body, for messages.
    ///   - name: the visible text of a mentioned user or page.
    static func read(
        _ value: Value,
        path: String,
        name: (_ kind: String, _ id: String) -> String?
    ) throws(NotionError) -> Value {
        guard let pieces = value.listValue else { throw .body(path, "an array", value) }
        guard pieces.count <= NotionLimits.arrayCountMax else {
            throw .length(path, NotionLimits.arrayCountMax, pieces.count)
        }
        var result: [Value] = []
        for (index, piece) in pieces.enumerated() {
            result.append(try readPiece(piece, path: "\(path)[\(index)]", name: name))
        }
        return .list(result)
    }

    private static func readPiece(
        _ value: Value,
        path: String,
        name: (_ kind: String, _ id: String) -> String?
    ) throws(NotionError) -> Value {
        guard value.mapValue != nil else { throw .body(path, "an object", value) }
        let annotations = value["annotations"]?.mapValue
        if let text = value["text"] {
            guard let content = text["content"]?.stringValue else {
                throw .body("\(path).text.content", "a string", text["content"])
            }
            let length = content.utf16.count
            guard length <= NotionLimits.textLengthMax else {
                throw .length("\(path).text.content", NotionLimits.textLengthMax, length)
            }
            let link = text["link"]?["url"]?.stringValue
            guard (link?.utf16.count ?? 0) <= NotionLimits.urlLengthMax else {
                throw .length(
                    "\(path).text.link.url",
                    NotionLimits.urlLengthMax,
                    link?.utf16.count ?? 0
                )
            }
            let target: Value = link.map { ["url": .string($0)] } ?? .null
            let own: ValueMap = [
                "type": "text", "text": ["content": .string(content), "link": target],
            ]
            return piece(own, content, annotations, link)
        }
        if let equation = value["equation"] {
            guard let expression = equation["expression"]?.stringValue else {
                throw .body("\(path).equation.expression", "a string", equation["expression"])
            }
            guard expression.utf16.count <= NotionLimits.equationLengthMax else {
                throw .length(
                    "\(path).equation.expression",
                    NotionLimits.equationLengthMax,
                    expression.utf16.count
                )
            }
            return piece(
                ["type": "equation", "equation": equation],
                expression,
                annotations,
                nil
            )
        }
        if let mention = value["mention"] {
            let kind = mention["type"]?.stringValue ?? mention.mapValue?.stringKeys.first ?? ""
            let id = mention[kind]?["id"]?.stringValue ?? ""
            let shown = mention["date"]?["start"]?.stringValue ?? name(kind, id) ?? "Untitled"
            let text = kind == "user" ? "@" + shown : shown
            return piece(["type": "mention", "mention": mention], text, annotations, nil)
        }
        throw .body("\(path).text", "defined", nil)
    }

    private static func piece(
        _ own: ValueMap,
        _ plainText: String,
        _ annotations: ValueMap?,
        _ link: String?
    ) -> Value {
        let plain: ValueMap = [
            "bold": false, "italic": false, "strikethrough": false, "underline": false,
            "code": false, "color": "default",
        ]
        var map = own
        map["annotations"] = .map(annotations.map(plain.merging) ?? plain)
        map["plain_text"] = .string(plainText)
        map["href"] = link.map { .string($0) } ?? .null
        return .map(map)
    }
}
